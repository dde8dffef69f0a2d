import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Anomaly } from '../../api/contract/anomaly.ts';
import { packageRoot } from '../../runtime/paths.ts';
import { startTestApi, type TestApi } from '../api/test-api.ts';
import { addRuns, queueAll, type History } from '../support/anomaly-world.ts';
import { highwater } from '../support/highwater.ts';
import { until } from '../support/until.ts';

const FILES = {
  'pipelines/sales.yaml': `
anomalies:
  total_rows: { minimum_executions: 5 }
blocks:
  rows: { kind: loader, file: rows.sql }
`,
  'blocks/rows.sql': 'select 1 as i\n',
};

let api: TestApi;
let odd: number;

beforeAll(async () => {
  api = await startTestApi({ files: FILES });
  const { pipeline_id: pipelineId } = await until(() =>
    api.db
      .selectFrom('anomaly_detection_rule')
      .select('pipeline_id')
      .where('declared_in', '=', 'file')
      .executeTakeFirst(),
  );
  const earlier = Array.from({ length: 10 }, (_, at): History => ({
    pipelineId,
    daysAgo: 1 + at,
    hour: 9,
    rows: 100 + (at % 2),
  }));
  await addRuns(api.db, earlier);
  [odd = NaN] = await addRuns(api.db, [{ pipelineId, daysAgo: 0, hour: 9, rows: 5_000 }]);
  await queueAll(api.db, pipelineId, [odd]);
  await until(async () => (await list('sales')).length > 0);
});
afterAll(() => api.stop());

const ask = (...args: string[]) =>
  highwater(args, packageRoot, { HIGHWATER_API: api.url, NO_COLOR: '1' });

async function list(...args: string[]): Promise<Anomaly[]> {
  const { out, err } = await ask('anomalies', ...args, '--json');
  if (err !== '') throw new Error(err);
  return JSON.parse(out) as Anomaly[];
}

test('what broke a rule of a file is listed, and can be sought', async () => {
  const { code, out } = await ask('anomalies');
  expect(code).toBe(0);
  expect(out).toMatch(/^RUN +PIPELINE +METRIC +VALUE +RANGE +STATE +DETECTED$/m);
  expect(out).toMatch(new RegExp(`^${odd} +sales +total_rows +5000 +98.92 – 102.1 +open `, 'm'));
  expect(await list('sales', '--metric', 'total_rows', '--state', 'open')).toHaveLength(1);
  expect(await list('--state', 'recovered')).toEqual([]);
  expect((await ask('anomalies', 'elsewhere')).out).toBe('No anomalies.\n');
});

test('show tells which figures are out of range, and unflag takes that back', async () => {
  expect((await ask('show', String(odd))).out).toContain('out of range: total_rows');
  const { code, out } = await ask('anomalies', 'unflag', String(odd), 'total_rows');
  expect([code, out]).toEqual([0, `Run ${odd} counts as normal again\n`]);
  expect(await list()).toEqual([]);
  const again = await ask('anomalies', 'unflag', String(odd), 'total_rows', '--json');
  expect([again.code, again.err]).toEqual([1, `Run ${odd} is not flagged for total_rows\n`]);
});
