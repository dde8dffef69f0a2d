import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWatcher, type Watcher } from './watcher.ts';

let watcher: Watcher;

beforeAll(async () => {
  watcher = await startWatcher();
});
afterAll(() => watcher.stop());

const START = '2026-01-02T03:00:00Z';
const END = '2026-01-02T03:00:10Z';

test('an execution is started, ended and read with what it did', async () => {
  const pipeline = await watcher.newPipeline();
  const started = await watcher.post('/start_pipeline_execution', {
    pipeline_id: String(pipeline),
    start_date: '2026-01-02 05:00:00+02:00',
    watermark: 10,
    next_watermark: '2026-01-02',
  });
  expect(started).toEqual({ status: 201, body: { id: expect.any(Number) as number } });
  const { id } = started.body as { id: number };

  const ended = await watcher.post('/end_pipeline_execution', {
    ...{ id, end_date: END, completed_successfully: 'yes' },
    ...{ inserts: 3_000_000_000, updates: '2', total_rows: 5, execution_metadata: { Host: 'A' } },
  });
  expect(ended).toEqual({ status: 204, body: null });

  expect(await watcher.get(`/pipeline_execution/${id}`)).toEqual({
    status: 200,
    body: {
      ...{ id, parent_id: null, pipeline_id: pipeline },
      ...{ start_date: '2026-01-02T03:00:00.000Z', end_date: '2026-01-02T03:00:10.000Z' },
      ...{ duration_seconds: 10, completed_successfully: true, inserts: 3_000_000_000 },
      ...{ updates: 2, soft_deletes: null, total_rows: 5, watermark: '10' },
      ...{ next_watermark: '2026-01-02', execution_metadata: { Host: 'A' }, anomaly_flags: null },
      ...{ throughput: 0.5, child_executions: [] },
    },
  });
  expect(await watcher.pipeline(pipeline)).toMatchObject({
    ...{ watermark: '2026-01-02', load_lineage: false, last_target_soft_delete: null },
    ...{ last_target_insert: '2026-01-02T03:00:10.000Z', updated_at: null },
  });
});

test('a failed execution leaves its pipeline as it is', async () => {
  const pipeline = await watcher.newPipeline();
  const id = await watcher.start(pipeline, { next_watermark: '5' });
  await watcher.end(id, { completed_successfully: false, inserts: 5 });

  expect(await watcher.pipeline(pipeline)).toMatchObject({
    ...{ watermark: null, load_lineage: true, last_target_insert: null },
  });
  expect(await watcher.execution(id)).toMatchObject({ completed_successfully: false, inserts: 5 });
});

test('an execution that began just now needs no start date', async () => {
  const before = Date.now();
  const id = await watcher.start(await watcher.newPipeline());
  const { start_date } = await watcher.execution(id);
  expect(Date.parse(String(start_date))).toBeGreaterThanOrEqual(before - 1);
});

test('throughput is per whole second, 0 for none, and unknown without rows', async () => {
  const pipeline = await watcher.newPipeline();
  const throughput = async (end: object) => {
    const id = await watcher.start(pipeline, { start_date: START });
    await watcher.end(id, end);
    return (await watcher.execution(id)).throughput;
  };
  expect(await throughput({ end_date: '2026-01-02T03:00:03Z', total_rows: 10 })).toBe(3.3333);
  expect(await throughput({ end_date: '2026-01-02T03:00:00.1Z', total_rows: 10 })).toBe(0);
  expect(await throughput({ end_date: END })).toBeNull();
});

test('roots list their children, and every run knows its ancestors at once', async () => {
  const pipeline = await watcher.newPipeline();
  const root = await watcher.start(pipeline);
  const child = await watcher.start(pipeline, { parent_id: root });
  const sdk = await watcher.start(pipeline, { parent_execution_id: root });
  const grandchild = await watcher.start(pipeline, { parent_id: child });

  const { child_executions } = await watcher.execution(root);
  expect(child_executions).toMatchObject([
    { id: child, parent_id: root, child_executions: [] },
    { id: sdk, parent_id: root, child_executions: [] },
  ]);
  const closure = await watcher.db
    .selectFrom('pipeline_execution_closure')
    .select(['parent_execution_id as above', 'child_execution_id as below', 'depth'])
    .where('child_execution_id', 'in', [root, grandchild])
    .orderBy('below')
    .orderBy('depth')
    .execute();
  expect(closure).toEqual([
    { above: root, below: root, depth: 0 },
    { above: grandchild, below: grandchild, depth: 0 },
    { above: child, below: grandchild, depth: 1 },
    { above: root, below: grandchild, depth: 2 },
  ]);
});

test('what names nothing that there is, is not found', async () => {
  const pipeline = await watcher.newPipeline();
  expect(await watcher.post('/start_pipeline_execution', { pipeline_id: 4711 })).toEqual({
    ...{ status: 404, body: { detail: 'Pipeline not found' } },
  });
  expect(
    await watcher.post('/start_pipeline_execution', { pipeline_id: pipeline, parent_id: 4711 }),
  ).toEqual({ status: 404, body: { detail: 'Parent execution not found' } });
  const end = { id: 2 ** 40, end_date: END, completed_successfully: true };
  const missing = { status: 404, body: { detail: 'Pipeline execution not found' } };
  expect(await watcher.post('/end_pipeline_execution', end)).toEqual(missing);
  for (const id of ['4711', '0', '-1', '99999999999999999999']) {
    expect(await watcher.get(`/pipeline_execution/${id}`)).toEqual(missing);
  }
});

test('an end before the start is refused and changes nothing', async () => {
  const id = await watcher.start(await watcher.newPipeline(), { start_date: START });
  const end = { id, end_date: START, completed_successfully: true };
  expect(await watcher.post('/end_pipeline_execution', end)).toEqual({
    status: 400,
    body: { detail: 'end_date must be greater than start_date' },
  });
  expect(await watcher.execution(id)).toMatchObject({ end_date: null });
});

test('what was sent last counts, what was left out stays, null clears', async () => {
  const id = await watcher.start(await watcher.newPipeline(), { start_date: START });
  await watcher.end(id, { end_date: END, inserts: 1, updates: 2, total_rows: 3 });
  await watcher.end(id, { end_date: '2026-01-02T03:00:20Z', inserts: 9, updates: null });

  expect(await watcher.execution(id)).toMatchObject({
    ...{ inserts: 9, updates: null, total_rows: 3, duration_seconds: 20, throughput: 0.15 },
  });
});

test('times of writes never move back', async () => {
  const pipeline = await watcher.newPipeline();
  const ids = [0, 1].map(() => watcher.start(pipeline, { start_date: START }));
  const [late = 0, early = 0] = await Promise.all(ids);
  await watcher.end(late, { end_date: '2026-01-02T05:00:00Z', updates: 1 });
  await watcher.end(early, { end_date: '2026-01-02T04:00:00Z', updates: 1, inserts: 1 });

  expect(await watcher.pipeline(pipeline)).toMatchObject({
    last_target_update: '2026-01-02T05:00:00.000Z',
    last_target_insert: '2026-01-02T04:00:00.000Z',
  });
});

test('ends that are repeated, crossed and sent at once leave the greatest watermark', async () => {
  const pipeline = await watcher.newPipeline();
  const targets = Array.from({ length: 40 }, (_, at) => at + 1);
  const ids = await Promise.all(
    targets.map((next) => watcher.start(pipeline, { watermark: '0', next_watermark: next })),
  );

  await Promise.all([...ids, ...ids.toReversed(), ...ids].map((id) => watcher.end(id)));

  expect(await watcher.pipeline(pipeline)).toMatchObject({ watermark: '40' });
  const states = await Promise.all(ids.map((id) => watcher.execution(id)));
  expect(states.every(({ completed_successfully }) => completed_successfully)).toBe(true);
});

test('a pipeline whose executions name no watermark keeps the one that it has', async () => {
  const pipeline = await watcher.newPipeline();
  await watcher.patch('/pipeline', { id: pipeline, watermark: '7' });
  await watcher.end(await watcher.start(pipeline));
  expect(await watcher.pipeline(pipeline)).toMatchObject({ watermark: '7' });
});

test('runs and reported executions are one list, and what runs elsewhere can only be ended there', async () => {
  const pipeline = await watcher.newPipeline('Elsewhere');
  const id = await watcher.start(pipeline);

  expect((await watcher.get('/api/runs?pipeline=elsewhere')).body).toMatchObject({
    runs: [
      {
        ...{ id, pipeline: 'elsewhere', state: 'running', trigger: 'reported', workflow_id: null },
        links: { temporal_ui: null },
      },
    ],
  });
  expect(await watcher.get(`/api/runs/${id}`)).toMatchObject({
    ...{ status: 200, body: { blocks: [], children: [] } },
  });
  expect(await watcher.post(`/api/runs/${id}/cancel`)).toMatchObject({
    ...{ status: 409, body: { code: 'run.elsewhere' } },
  });
});

test('whoever waits for a reported execution hears of its end', async () => {
  const id = await watcher.start(await watcher.newPipeline());
  const waiting = watcher.get(`/api/runs/${id}?wait=30s`);
  await watcher.end(id, { completed_successfully: false });
  expect(await waiting).toMatchObject({ status: 200, body: { state: 'failed' } });
});
