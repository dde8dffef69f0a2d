import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWatcher, type Watcher } from './watcher.ts';

let watcher: Watcher;

beforeAll(async () => {
  watcher = await startWatcher({ WATCHER_AUTO_CREATE_ANOMALY_DETECTION_RULES: 'true' });
});
afterAll(() => watcher.stop());

test('a new pipeline gets a rule for each metric, when that is asked for', async () => {
  const id = await watcher.newPipeline();
  await watcher.newPipeline('pipeline 1');

  const rules = await watcher.db
    .selectFrom('anomaly_detection_rule')
    .select(['metric_field', 'z_threshold', 'active'])
    .where('pipeline_id', '=', id)
    .execute();
  expect(rules.map(({ metric_field }) => metric_field).sort()).toEqual([
    ...['duration_seconds', 'inserts', 'soft_deletes', 'throughput', 'total_rows', 'updates'],
  ]);
  expect(rules.every(({ z_threshold, active }) => z_threshold === 3 && active)).toBe(true);
});
