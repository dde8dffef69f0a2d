import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeRun } from '../../db/runs/close-run.ts';
import { until } from '../support/until.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

const START = '/api/pipelines/numbers/runs';

function succeed(executionId: number): Promise<boolean> {
  return closeRun(api.db, {
    executionId,
    state: 'succeeded',
    error: null,
    watermark: null,
    blocks: [],
  });
}

test('a run is accepted, pinned to its plan, and its workflow has started', async () => {
  const { status, headers, body } = await api.post(START, { params: { count: 5 } });

  expect(status).toBe(202);
  expect(headers.get('location')).toBe(`/api/runs/${body.id}`);
  expect(body).toMatchObject({
    pipeline: 'numbers',
    state: 'queued',
    trigger: 'api',
    params: { month: '2001-01', count: 5 },
    full_load: false,
    blocks: [{ name: 'numbers', state: 'queued' }, { name: 'doubled' }],
  });
  expect(body.workflow_id).toMatch(new RegExp(`^numbers/${body.id}-[0-9a-f]{6}$`));
  const handle = api.temporal.workflow.getHandle(body.workflow_id);
  // A busy Temporal takes it a moment after the answer.
  const workflow = await until(() => handle.describe().catch(() => undefined));
  expect(workflow).toMatchObject({ type: 'numbers', taskQueue: api.taskQueue });
  expect(await workflow.staticSummary()).toBe(`run ${body.id} · count=5 · month="2001-01"`);
  const { plan } = (await api.get('/api/pipelines/numbers')).body;
  const found = workflow.typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]);
  expect(Object.fromEntries(found)).toMatchObject({
    HighwaterPipeline: 'numbers',
    HighwaterPlan: plan,
    HighwaterTrigger: 'api',
  });
});

test('who asks for a run by hand is on record, the first one also when its key comes again', async () => {
  const key = { 'idempotency-key': 'who' };
  const { body } = await api.post(START, { actor: 'ann' }, key);
  const again = await api.post(START, { actor: 'bob' }, key);
  const nobody = await api.post(START, {});

  expect(again.body.id).toBe(body.id);
  const shown = await Promise.all(
    [body, nobody.body].map(({ id }) => api.get(`/api/runs/${id}`).then((answer) => answer.body)),
  );
  expect(shown.map(({ requested_by }) => requested_by)).toEqual(['ann', 'api']);
  expect((await api.post(START, { actor: '' })).status).toBe(400);
});

test('a thousand requests with one key at the same time are one run', async () => {
  const asks = Array.from({ length: 1000 }, () =>
    api.post(START, { params: { count: 1 } }, { 'idempotency-key': 'thousand' }),
  );

  const answers = await Promise.all(asks);

  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
  const first = answers.filter(({ headers }) => !headers.has('idempotent-replayed'));
  expect(first).toHaveLength(1);
  const rows = await api.db
    .selectFrom('pipeline_execution')
    .select('id')
    .where('idempotency_key', '=', 'thousand')
    .execute();
  expect(rows).toHaveLength(1);
}, 120_000);

test('the same key with another body is a 409', async () => {
  const headers = { 'idempotency-key': 'once' };
  const { body } = await api.post(START, { params: { count: 1 } }, headers);

  const again = await api.post(START, { full_load: false, params: { count: 1 } }, headers);
  const other = await api.post(START, { params: { count: 2 } }, headers);

  expect(again.body.id).toBe(body.id);
  expect(other.status).toBe(409);
  expect(other.body).toMatchObject({ code: 'request.conflict' });
});

test('a key that was used answers its ended run with 200, even when the definition is broken now', async () => {
  const headers = { 'idempotency-key': 'ended' };
  const { body } = await api.post(START, {}, headers);
  await succeed(body.id);
  await api.write({ 'pipelines/numbers.yaml': 'blocks: [' });

  const again = await api.post(START, {}, headers);
  const anew = await api.post(START, {});

  expect(again.status).toBe(200);
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect(again.body).toMatchObject({ id: body.id, state: 'succeeded' });
  expect(anew.status).toBe(422);
  await api.write({
    'pipelines/numbers.yaml':
      'params:\n  count: { type: integer, default: 1 }\n' +
      'blocks:\n  numbers: { kind: loader, file: numbers.sql }\n',
  });
});

test('wait answers 200 as soon as the run has ended', async () => {
  const { body } = await api.post(START, {});
  const waiting = api.get(`/api/runs/${body.id}?wait=60s`);
  const start = Date.now();

  await succeed(body.id);

  expect((await waiting).body).toMatchObject({ id: body.id, state: 'succeeded' });
  expect(Date.now() - start).toBeLessThan(30_000);
});

test('wait answers 202 with the run as it is when its time is over', async () => {
  const { status, body } = await api.post(`${START}?wait=300ms`, {});

  expect(status).toBe(202);
  expect(body.state).toBe('queued');
});

test('an edited definition is registered without a request, and the next run is pinned to it', async () => {
  const before = (await api.get('/api/pipelines/numbers')).body.plan;
  await api.write({ 'blocks/numbers.sql': 'select 7 as seven\n' });

  const current = await until(async () => {
    const row = await api.db
      .selectFrom('pipeline')
      .select('current_version')
      .where('name', '=', 'numbers')
      .executeTakeFirstOrThrow();
    return row.current_version !== before && row.current_version;
  });

  const { body } = await api.post(START, {});
  const row = await api.db
    .selectFrom('pipeline_execution')
    .select('version_hash')
    .where('id', '=', body.id)
    .executeTakeFirstOrThrow();
  expect(row.version_hash).toBe(current);
});
