import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWatcher, type Record, type Watcher } from './watcher.ts';

let watcher: Watcher;

beforeAll(async () => {
  watcher = await startWatcher();
});
afterAll(() => watcher.stop());

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

async function newPipeline(settings: object): Promise<number> {
  const id = await watcher.newPipeline();
  expect((await watcher.patch('/pipeline', { id, ...settings })).status).toBe(200);
  return id;
}

async function run(pipeline_id: number, began: number, ended?: number, sent: object = {}) {
  const end_date = minutesAgo(ended ?? 0);
  const start = { pipeline_id, start_date: minutesAgo(began) };
  const { body } = await watcher.post('/start_pipeline_execution', start);
  const id = (body as Record)['id'] as number;
  if (ended === undefined) return id;
  const end = { id, end_date, completed_successfully: true, ...sent };
  expect((await watcher.post('/end_pipeline_execution', end)).status).toBe(204);
  return id;
}

test('a check of freshness logs each late write once', async () => {
  const id = await newPipeline({ freshness_number: 1, freshness_datepart: 'hour' });
  await run(id, 120, 90, { inserts: 5 });

  const first = await watcher.post('/freshness');
  await watcher.post('/freshness');

  expect(first).toEqual({ status: 200, body: { status: 'queued' } });
  const rows = await watcher.db
    .selectFrom('freshness_pipeline_log')
    .select(['freshness_number', 'freshness_datepart', 'used_child_config'])
    .where('pipeline_id', '=', id)
    .execute();
  expect(rows).toEqual([
    { freshness_number: 1, freshness_datepart: 'hour', used_child_config: true },
  ]);
});

test('a check of timeliness logs open and successful executions, and no failed ones', async () => {
  const id = await newPipeline({ timeliness_number: 10, timeliness_datepart: 'minute' });
  const open = await run(id, 30);
  const done = await run(id, 40, 20);
  await run(id, 40, 20, { completed_successfully: false });
  await run(id, 40, 35);

  const { status, body } = await watcher.post('/timeliness', {});

  expect([status, body]).toEqual([200, { status: 'queued' }]);
  const rows = await watcher.db
    .selectFrom('timeliness_pipeline_execution_log')
    .select(['pipeline_execution_id as id', 'execution_status as status', 'duration_seconds'])
    .where('pipeline_id', '=', id)
    .orderBy('pipeline_execution_id')
    .execute();
  expect(rows).toEqual([
    { id: open, status: 'running', duration_seconds: expect.closeTo(1_800, -2) as number },
    { id: done, status: 'completed', duration_seconds: 1_200 },
  ]);
});

test.each([
  [{ lookback_minutes: 4 }, 'greater_than_equal'],
  [{ lookback_minutes: 'soon' }, 'int_parsing'],
  [[], 'model_attributes_type'],
  [undefined, 'missing'],
])('a check of timeliness with %j is a 422: %s', async (sent, type) => {
  const { status, body } = await watcher.post('/timeliness', sent);

  expect(status).toBe(422);
  expect(body).toMatchObject({ detail: [{ type }] });
});

test('a look back beyond all time is one over everything', async () => {
  const { status } = await watcher.post('/timeliness', { lookback_minutes: 9_007_199_254_740_991 });
  expect(status).toBe(200);
});
