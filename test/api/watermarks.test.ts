import { afterAll, beforeAll, expect, test } from 'vitest';
import type {
  Watermark,
  WatermarkHistory,
  WatermarkSetting,
} from '../../api/contract/watermark.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

async function declare(name: string): Promise<number> {
  const { body } = await api.post('/pipeline', { name, pipeline_type_name: 'extraction' });
  return body.id;
}

/** Reports an execution that succeeds. */
async function load(
  pipelineId: number,
  from: string | null,
  to: string,
  rows = 0,
): Promise<number> {
  const { body } = await api.post('/start_pipeline_execution', {
    ...{ pipeline_id: pipelineId, start_date: '2026-01-01T00:00:00Z' },
    ...{ watermark: from, next_watermark: to },
  });
  await api.post('/end_pipeline_execution', {
    ...{ id: body.id, end_date: '2026-01-01T00:01:00Z', completed_successfully: true },
    total_rows: rows,
  });
  return body.id;
}

const path = (name: string) => `/api/pipelines/${name}/watermark`;

async function set(name: string, body: object): Promise<WatermarkSetting> {
  const answer = await api.send('PUT', path(name), body);
  expect(answer.status).toBe(200);
  return answer.body as unknown as WatermarkSetting;
}

async function show(name: string): Promise<Watermark> {
  return (await api.get(path(name))).body as unknown as Watermark;
}

async function history(name: string, query = ''): Promise<WatermarkHistory> {
  return (await api.get(`${path(name)}/history${query}`)).body as unknown as WatermarkHistory;
}

test('a dry run tells which runs would be loaded again, and changes nothing', async () => {
  const id = await declare('orders');
  const first = await load(id, null, '2026-01-10', 100);
  const second = await load(id, '2026-01-10', '2026-01-20', 20);
  const third = await load(id, '2026-01-20', '2026-01-30', 3);

  const dry = await set('orders', { value: '2026-01-15', dry_run: true });
  expect(dry).toMatchObject({ from: '2026-01-30', to: '2026-01-15', direction: 'back' });
  expect(dry).toMatchObject({ dry_run: true, changed: false, open_runs: [] });
  expect(dry.again).toEqual({
    ...{ runs: 2, rows: 23 },
    windows: [
      { run: third, from: '2026-01-20', to: '2026-01-30', rows: 3 },
      { run: second, from: '2026-01-10', to: '2026-01-20', rows: 20 },
    ],
  });
  expect(await show('orders')).toMatchObject({ value: '2026-01-30' });
  expect((await set('orders', { value: null, dry_run: true })).again?.windows.at(-1)).toMatchObject(
    {
      ...{ run: first, from: null, rows: 100 },
    },
  );
  expect((await history('orders')).changes).toHaveLength(3);
});

test('a rewind is on record with who and why; what is open then leaves the watermark', async () => {
  const id = await declare('prices');
  await load(id, null, '10');
  const open = await api.post('/start_pipeline_execution', {
    ...{ pipeline_id: id, start_date: '2026-01-01T00:00:00Z', watermark: 10, next_watermark: 20 },
  });
  const setting = await set('prices', { value: 5, actor: 'ada', reason: 'prices were wrong' });
  expect(setting).toMatchObject({ from: '10', to: '5', changed: true, open_runs: [open.body.id] });
  await api.post('/end_pipeline_execution', {
    ...{ id: open.body.id, end_date: '2026-01-01T00:01:00Z', completed_successfully: true },
  });

  expect(await show('prices')).toMatchObject({ value: '5', open_runs: [] });
  const { changes } = await history('prices');
  expect(changes).toMatchObject([
    {
      ...{ kind: 'reported', moved: false, from: '5', to: '20', run: open.body.id },
      reason: 'it was set to 5 after this began',
    },
    { kind: 'set', moved: true, from: '10', to: '5', run: null, actor: 'ada' },
    { kind: 'reported', moved: true, from: null, to: '10' },
  ]);
  expect(changes[1]?.reason).toBe('prices were wrong');
});

test('a dry run knows the runs that left their watermarks to the pipeline', async () => {
  const id = await declare('left_to_it');
  await load(id, null, '2026-01-10');
  await api.post('/pipeline', {
    ...{ name: 'left_to_it', pipeline_type_name: 'extraction', next_watermark: '2026-01-20' },
  });
  const { body } = await api.post('/start_pipeline_execution', {
    ...{ pipeline_id: id, start_date: '2026-01-02T00:00:00Z' },
  });
  await api.post('/end_pipeline_execution', {
    ...{ id: body.id, end_date: '2026-01-02T00:01:00Z', completed_successfully: true },
    total_rows: 7,
  });
  expect((await show('left_to_it')).value).toBe('2026-01-20');

  const dry = await set('left_to_it', { value: '2026-01-10', dry_run: true });

  expect(dry.again).toMatchObject({
    windows: [{ run: body.id, from: '2026-01-10', to: '2026-01-20', rows: 7 }],
  });
});

test('to say the same again changes nothing', async () => {
  await declare('stock');
  expect((await set('stock', { value: '7' })).changed).toBe(true);
  expect(await set('stock', { value: '7' })).toMatchObject({ changed: false, direction: 'none' });
  expect((await history('stock')).changes).toHaveLength(1);
});

test('values without an order tell what is loaded again by the run that ended there', async () => {
  const id = await declare('offsets');
  await load(id, null, 'lsn:A');
  const second = await load(id, 'lsn:A', 'lsn:B');
  const known = await set('offsets', { value: 'lsn:A', dry_run: true });
  expect(known).toMatchObject({ direction: 'unknown', again: { windows: [{ run: second }] } });
  expect((await set('offsets', { value: 'lsn:0', dry_run: true })).again).toBeNull();
});

test('a pipeline of the project has a watermark of its column’s type, and takes no other', async () => {
  await api.get('/api/pipelines/numbers');
  expect(await show('numbers')).toMatchObject({ value: null, type: null });
  await api.db
    .updateTable('pipeline')
    .set({ watermark: '2026-01-01', watermark_type: 'date' })
    .where('name', '=', 'numbers')
    .execute();
  const answer = await api.send('PUT', path('numbers'), { value: '2026-02-30' });
  expect([answer.status, answer.body.code]).toEqual([422, 'watermark.invalid']);
  expect(await set('numbers', { value: '2026-02-28T12:00:00' })).toMatchObject({
    ...{ direction: 'forward', type: 'date', changed: true },
  });
});

test.for([
  [{}, 'body.value'],
  [{ value: '' }, 'body.value'],
  [{ value: 'x'.repeat(51) }, 'body.value'],
  [{ value: { a: 1 } }, 'body.value'],
  [{ value: 'a\0' }, 'body'],
  [{ value: '1', why: 'x' }, 'body'],
] as const)('%j is refused', async ([body, field]) => {
  await declare('refused');
  const answer = await api.send('PUT', path('refused'), body);
  expect(answer.status).toBe(400);
  expect(answer.body.detail).toContain(field);
});

test('a pipeline that nobody knows has no watermark', async () => {
  expect((await api.get(path('nowhere'))).status).toBe(404);
  expect((await api.send('PUT', path('nowhere'), { value: '1' })).status).toBe(404);
  expect((await api.get(`${path('nowhere')}/history`)).status).toBe(404);
});

test('the history comes in pages, the newest first', async () => {
  await declare('paged');
  for (const value of ['1', '2', '3']) await set('paged', { value });
  const first = await history('paged', '?limit=2');
  expect(first.changes.map(({ to }) => to)).toEqual(['3', '2']);
  const rest = await history('paged', `?limit=2&cursor=${first.cursor}`);
  expect(rest.changes.map(({ to }) => to)).toEqual(['1']);
  expect(rest.cursor).toBeNull();
});
