import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWatcher, type Watcher } from './watcher.ts';

let watcher: Watcher;

beforeAll(async () => {
  watcher = await startWatcher();
});
afterAll(() => watcher.stop());

const ORDERS = {
  name: ' Shop.Orders ',
  pipeline_type_name: 'Extraction',
  pipeline_metadata: { Owner: 'Data' },
  freshness_number: '2',
  freshness_datepart: 'HOUR',
};

async function declare(body: object) {
  const answer = await watcher.post('/pipeline', body);
  return { status: answer.status, ...(answer.body as { id: number; watermark: string | null }) };
}

test('a heartbeat is answered at the root', async () => {
  expect(await watcher.get('/')).toEqual({ status: 200, body: { status: 'ok' } });
});

test('a pipeline is made once, with its type, and found again by its name', async () => {
  const made = await declare(ORDERS);
  expect(made).toEqual({
    ...{ status: 201, id: made.id, active: true, load_lineage: true, watermark: null },
  });
  expect(await declare(ORDERS)).toEqual({ ...made, status: 200 });

  const pipeline = await watcher.pipeline(made.id);
  expect(pipeline).toMatchObject({
    ...{ id: made.id, name: 'shop.orders', pipeline_metadata: { Owner: 'Data' } },
    ...{ freshness_number: 2, freshness_datepart: 'hour', timeliness_number: null },
    ...{ mute_freshness_check: false, mute_timeliness_check: false, next_watermark: null },
    ...{ last_target_insert: null, updated_at: null },
  });
  expect(Object.keys(pipeline)).toHaveLength(20);
  const type = await watcher.get(`/pipeline_type/${String(pipeline['pipeline_type_id'])}`);
  expect(type.body).toMatchObject({ name: 'extraction' });
  expect((await watcher.get('/pipeline')).body).toContainEqual(pipeline);
});

test('the same declaration writes nothing; another one changes what it says, and nothing else', async () => {
  const body = { ...ORDERS, name: 'changing' };
  const { id } = await declare(body);
  await watcher.patch('/pipeline', { id, active: false, load_lineage: false });
  const before = await watcher.pipeline(id);
  await declare({ ...body, name: 'CHANGING ' });
  expect(await watcher.pipeline(id)).toEqual(before);

  const { status } = await declare({
    ...{ name: 'changing', pipeline_type_name: 'load', pipeline_metadata: null },
  });

  expect(status).toBe(200);
  const after = await watcher.pipeline(id);
  expect(after).toMatchObject({
    ...{ pipeline_metadata: null, freshness_number: 2, active: false, load_lineage: false },
  });
  expect(after['pipeline_type_id']).not.toBe(before['pipeline_type_id']);
  expect(after['input_hash']).not.toBe(before['input_hash']);
  expect(after['updated_at']).not.toBeNull();
});

test('a next watermark is kept, and answers the watermark of a pipeline that exists', async () => {
  const body = { name: 'incremental', pipeline_type_name: 'load', next_watermark: ' W1 ' };
  const made = await declare(body);
  expect(made).toMatchObject({ status: 201, watermark: null });
  await watcher.end(await watcher.start(made.id));

  expect(await declare({ ...body, next_watermark: 10 })).toMatchObject({ watermark: ' W1 ' });
  expect(await declare({ ...body, next_watermark: null })).toMatchObject({ watermark: null });
  expect(await watcher.pipeline(made.id)).toMatchObject({
    ...{ watermark: ' W1 ', next_watermark: '10', updated_at: null },
  });
});

test('200 identical creates at once make one pipeline', async () => {
  const body = { name: 'at once', pipeline_type_name: 'also at once' };
  const answers = await Promise.all(Array.from({ length: 200 }, () => declare(body)));

  const statuses = answers.map(({ status }) => status).sort();
  expect(statuses).toEqual([...Array<number>(199).fill(200), 201]);
  expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
});

test('200 identical types at once are one', async () => {
  const answers = await Promise.all(
    Array.from({ length: 200 }, () => watcher.post('/pipeline_type', { name: 'crowded' })),
  );
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(199);
});

test('PATCH changes what it says, by id or by name', async () => {
  const { id } = await declare({ name: 'patched', pipeline_type_name: 'load' });
  const byName = { name: 'Patched', freshness_number: 3, watermark: 'A', active: 'no' };
  expect(await watcher.patch('/pipeline', byName)).toMatchObject({
    status: 200,
    body: { id, freshness_number: 3, freshness_datepart: null, watermark: 'A', active: false },
  });

  const renamed = await watcher.patch('/pipeline', { id, name: 'renamed', watermark: null });
  expect(renamed.body).toMatchObject({ id, name: 'renamed', watermark: null, active: false });
  expect(renamed.body).not.toMatchObject({ updated_at: null });
  expect(renamed.body).toEqual(await watcher.pipeline(id));
});

test('the id may be called as the Python SDK calls it', async () => {
  const { id } = await declare({ name: 'by the sdk', pipeline_type_name: 'load' });
  const patch = { pipeline_id: id, next_watermark: '2026-01-01' };
  expect(await watcher.patch('/pipeline', patch)).toMatchObject({
    body: { id, next_watermark: '2026-01-01' },
  });
});

test('a watermark that is set over HTTP is on record', async () => {
  const { id } = await declare({ name: 'recorded', pipeline_type_name: 'load' });
  await watcher.patch('/pipeline', { id, watermark: '5' });
  const rows = await watcher.db
    .selectFrom('watermark_change')
    .select(['kind', 'from_value', 'to_value', 'reason'])
    .where('pipeline_id', '=', id)
    .execute();
  expect(rows).toEqual([
    { kind: 'set', from_value: null, to_value: '5', reason: 'PATCH /pipeline' },
  ]);
});

test('a watermark that is not of its type is refused, and nothing else of the patch is done', async () => {
  const { id } = await declare({ name: 'typed', pipeline_type_name: 'load' });
  await watcher.db
    .updateTable('pipeline')
    .set({ watermark: '10', watermark_type: 'number' })
    .where('id', '=', id)
    .execute();
  const answer = await watcher.patch('/pipeline', { id, watermark: 'soon', active: false });
  const msg = 'Value error, The watermark is a number: soon is not';
  expect(answer).toMatchObject({ status: 422, body: { detail: [{ loc: ['body'], msg }] } });
  expect(await watcher.pipeline(id)).toMatchObject({ watermark: '10', active: true });
  expect((await watcher.patch('/pipeline', { id, watermark: 12.5 })).status).toBe(200);
});

test('what clients get wrong is told in the words that they know', async () => {
  const taken = await declare({ name: 'taken', pipeline_type_name: 'load' });
  const { id } = await declare({ name: 'other', pipeline_type_name: 'load' });
  const refused = async (body: object) => watcher.patch('/pipeline', body);

  expect(taken.status).toBe(201);
  expect(await refused({ id, name: 'taken' })).toEqual({
    ...{ status: 400, body: { detail: 'Pipeline name already exists' } },
  });
  expect(await refused({ id, pipeline_type_id: 4711 })).toEqual({
    ...{ status: 404, body: { detail: 'Pipeline type not found' } },
  });
  for (const which of [{ id: 4711 }, { name: 'nobody' }]) {
    expect(await refused(which)).toEqual({ status: 404, body: { detail: 'Pipeline Not Found' } });
  }
  expect(await refused({ active: true })).toMatchObject({
    status: 422,
    body: { detail: [{ msg: "Value error, Either 'id' or 'name' must be provided" }] },
  });
  expect(await refused({ id, active: null })).toMatchObject({
    ...{ status: 422, body: { detail: [{ type: 'bool_type', loc: ['body', 'active'] }] } },
  });
  expect(await watcher.post('/pipeline', { ...ORDERS, freshness_datepart: null })).toMatchObject({
    status: 422,
    body: {
      detail: [
        {
          type: 'value_error',
          loc: ['body'],
          msg: 'Value error, Both freshness_number and freshness_datepart must be provided together',
        },
      ],
    },
  });
});

test.each([
  ['/pipeline/4711', 404],
  ['/pipeline/99999999999', 404],
  ['/pipeline_type/4711', 404],
  ['/pipeline/x', 422],
  ['/pipeline/%', 400],
])('GET %s is a %i', async (path, status) => {
  const answer = await watcher.get(path);
  expect(answer.status).toBe(status);
  expect(answer.body).toHaveProperty('detail');
});

test('another method is a 405', async () => {
  const response = await fetch(`${watcher.url}/pipeline`, { method: 'DELETE' });
  expect([response.status, await response.json()]).toEqual([405, { detail: 'Method Not Allowed' }]);
  expect(response.headers.get('allow')).toBe('GET, POST, PATCH');
});

test('pages of other sites are refused', async () => {
  const response = await fetch(`${watcher.url}/pipeline`, {
    ...{ method: 'POST', headers: { origin: 'https://example.com' }, body: '{}' },
  });
  expect(response.status).toBe(403);
});

test('SQL in a name stays a name', async () => {
  const name = `x'); drop table pipeline; --`;
  const { id } = await declare({ name, pipeline_type_name: '$1 "quoted" \\' });
  expect(await watcher.pipeline(id)).toMatchObject({ name });
});

test('a type is changed by PATCH, and not by a second POST', async () => {
  const post = { name: 'Typed', freshness_number: 1, freshness_datepart: 'day' };
  const made = await watcher.post('/pipeline_type', post);
  expect(made.status).toBe(201);
  const again = await watcher.post('/pipeline_type', { ...post, freshness_number: 2 });
  expect(again).toEqual({ status: 200, body: made.body });

  const { id } = made.body as { id: number };
  const type = (await watcher.get(`/pipeline_type/${id}`)).body;
  expect(type).toMatchObject({ name: 'typed', freshness_number: 1, mute_freshness_check: false });
  expect((await watcher.get('/pipeline_type')).body).toContainEqual(type);
  const patch = { name: 'typed', timeliness_number: 4, mute_freshness_check: true };
  expect((await watcher.patch('/pipeline_type', patch)).body).toMatchObject({
    ...{ id, freshness_number: 1, timeliness_number: 4, mute_freshness_check: true },
  });
  expect(await watcher.patch('/pipeline_type', { id: 4711, name: 'x' })).toEqual({
    ...{ status: 404, body: { detail: 'Pipeline Type Not Found' } },
  });
});
