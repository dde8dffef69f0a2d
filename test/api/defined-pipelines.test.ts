import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from './test-api.ts';
import { until } from '../support/until.ts';

const BLOCKS = 'blocks: { numbers: { kind: loader, file: numbers.sql } }\n';
const SAYS = `
description: What was sold
type: Ingestion
tags: [shop, daily]
metadata: { owner: Ada, tier: 1, notes: { url: 'https://example.com' } }
active: false
mute: [timeliness]
freshness: { number: 2, datepart: day }
timeliness: { number: 30, datepart: minute }
${BLOCKS}`;

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

async function rowOf(name: string) {
  return api.db
    .selectFrom('pipeline')
    .innerJoin('pipeline_type', 'pipeline_type.id', 'pipeline.pipeline_type_id')
    .selectAll('pipeline')
    .select('pipeline_type.name as type')
    .where('pipeline.name', '=', name)
    .executeTakeFirst();
}

type Row = NonNullable<Awaited<ReturnType<typeof rowOf>>>;

/** Writes a pipeline's file, and waits until its row is as it should be. */
async function define(name: string, text: string, isDone: (row: Row) => boolean): Promise<Row> {
  await api.write({ [`pipelines/${name}.yaml`]: text });
  return until(async () => {
    const row = await rowOf(name);
    return row && row.current_version !== null && isDone(row) ? row : undefined;
  });
}

/** Declares a pipeline as whoever runs it elsewhere does. */
function declare(name: string, settings: object = {}) {
  return api.post('/pipeline', { name, pipeline_type_name: 'extraction', ...settings });
}

test('what a file says of its pipeline is in its row, without a run', async () => {
  const row = await define('sales', SAYS, () => true);
  expect(row).toMatchObject({
    ...{ type: 'ingestion', description: 'What was sold', tags: ['shop', 'daily'] },
    pipeline_metadata: { owner: 'Ada', tier: 1, notes: { url: 'https://example.com' } },
    ...{ active: false, mute_freshness_check: false, mute_timeliness_check: true },
    ...{ freshness_number: 2, freshness_datepart: 'day' },
    ...{ timeliness_number: 30, timeliness_datepart: 'minute' },
    ...{ project: 'test', removed_at: null, taken_over_at: null },
  });
});

test('what a file stops saying goes; what it never said stays as somebody set it', async () => {
  await define('stock', `freshness: { number: 1, datepart: hour }\n${BLOCKS}`, () => true);
  const patch = { name: 'stock', mute_freshness_check: true, pipeline_metadata: { set: 'here' } };
  expect((await api.send('PATCH', '/pipeline', patch)).status).toBe(200);
  const row = await define(
    'stock',
    `description: again\n${BLOCKS}`,
    ({ description }) => description === 'again',
  );
  expect(row).toMatchObject({
    ...{ freshness_number: null, freshness_datepart: null },
    ...{ mute_freshness_check: true, pipeline_metadata: { set: 'here' } },
  });
});

test('a reported pipeline is taken over with its executions and its watermark, and shows it', async () => {
  const settings = { freshness_number: 3, freshness_datepart: 'day', pipeline_metadata: { a: 1 } };
  const { id } = (await declare('orders', settings)).body as unknown as { id: number };
  const started = await api.post('/start_pipeline_execution', {
    ...{ pipeline_id: id, start_date: '2026-01-01T00:00:00Z', next_watermark: '2026-01-01' },
  });
  const end = { end_date: '2026-01-01T00:01:00Z', completed_successfully: true };
  await api.post('/end_pipeline_execution', { id: started.body.id, ...end });

  const row = await define('orders', `type: loading\n${BLOCKS}`, () => true);
  expect(row).toMatchObject({ id, type: 'loading', watermark: '2026-01-01', freshness_number: 3 });
  const { body } = await api.get('/api/pipelines/orders');
  expect(body.metadata).toEqual({ a: 1 });
  expect(body.taken_over).toMatchObject({
    from: {
      type: 'extraction',
      freshness_number: 3,
      freshness_datepart: 'day',
      metadata: { a: 1 },
    },
  });
  expect(body.last_run).toMatchObject({ id: started.body.id, next_watermark: '2026-01-01' });
});

test('to declare a pipeline that a file defines answers its id, and changes nothing', async () => {
  const { id } = await define('returns', `type: loading\n${BLOCKS}`, () => true);
  const answer = await declare('Returns', { timeliness_number: 1, timeliness_datepart: 'day' });
  expect([answer.status, answer.body.id]).toEqual([200, id]);
  expect(await rowOf('returns')).toMatchObject({ type: 'loading', timeliness_number: null });
});

test('a pipeline that a file defines is renamed by nobody else', async () => {
  const { id } = await define('costs', BLOCKS, () => true);
  const rename = (name: string) => api.send('PATCH', '/pipeline', { id, name });

  expect(await rename('expenses')).toMatchObject({
    ...{ status: 409, body: { detail: 'The file of costs names it: rename the file' } },
  });
  expect((await rename(' Costs ')).status).toBe(200);
  await api.remove('pipelines/costs.yaml');
  await until(async () => (await rowOf('costs'))?.removed_at ?? undefined);
  expect((await rename('expenses')).status).toBe(200);
});

test('a pipeline whose file is gone stays, marked; whoever reports it has the say until it is back', async () => {
  const text = `type: loading\nfreshness: { number: 1, datepart: day }\n${BLOCKS}`;
  const { id } = await define('prices', text, () => true);
  await api.remove('pipelines/prices.yaml');
  await until(async () => (await rowOf('prices'))?.removed_at ?? undefined);
  await declare('prices', { freshness_number: 9, freshness_datepart: 'week' });
  expect(await rowOf('prices')).toMatchObject({ id, type: 'extraction', freshness_number: 9 });

  const row = await define('prices', text, ({ removed_at }) => removed_at === null);
  expect(row).toMatchObject({
    id,
    type: 'loading',
    freshness_number: 1,
    freshness_datepart: 'day',
  });
});

test('a pipeline follows its project to another name, though nothing else of it has changed', async () => {
  const before = await define('moving', BLOCKS, () => true);
  await api.write({ 'highwater.yaml': 'name: renamed\n' });
  const after = await until(async () => {
    const row = await rowOf('moving');
    return row?.project === 'renamed' ? row : undefined;
  });
  expect(after.current_version).toBe(before.current_version);
  await api.write({ 'highwater.yaml': 'name: test\n' });
  await until(async () => (await rowOf('moving'))?.project === 'test');
});

test('another project in the same database keeps its pipelines', async () => {
  await sql`
    insert into pipeline (name, pipeline_type_id, project, defined_at)
    select 'elsewhere', min(id), 'another', now() from pipeline_type`.execute(api.db);
  await define('passing', BLOCKS, () => true);
  await api.remove('pipelines/passing.yaml');
  await until(async () => (await rowOf('passing'))?.removed_at ?? undefined);
  expect(await rowOf('elsewhere')).toMatchObject({ removed_at: null });
});
