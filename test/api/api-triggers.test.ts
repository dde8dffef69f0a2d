import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TriggerToken } from '../../api/contract/trigger-token.ts';
import { takeFromRate } from '../../db/triggers/api-triggers.ts';
import { until } from '../support/until.ts';
import { startEventApi } from './event-world.ts';
import type { Answer, TestApi } from './test-api.ts';

const FILES = {
  'pipelines/sales.yaml': `
params:
  month: { type: string, pattern: '^\\d{4}-\\d{2}$', default: '2001-01' }
triggers:
  asked:   { api: {}, priority: 1 }
  mapped:  { api: {}, params: { month: '\${{ body.when.month }}' } }
  limited: { api: { rate_limit: 3/h } }
  nightly: { schedule: { cron: '0 2 * * *' } }
blocks:
  numbers: { kind: loader, file: numbers.sql }
`,
  'pipelines/at_night.yaml': `
params: { at: { type: string } }
triggers:
  nightly: { schedule: { cron: '0 2 * * *' }, params: { at: '\${{ run.scheduled_at }}' } }
blocks:
  numbers: { kind: loader, file: numbers.sql }
`,
};

let api: TestApi;

beforeAll(async () => {
  api = await startEventApi({ files: FILES }, 5);
});
afterAll(() => api.stop());

async function triggerId(name: string): Promise<number | undefined> {
  const row = await api.db
    .selectFrom('trigger')
    .select('id')
    .where('name', '=', name)
    .executeTakeFirst();
  return row?.id;
}

async function tokenOf(name: string): Promise<string> {
  const { body } = await api.post(`/api/triggers/sales/${name}/token`, { actor: 'ann' });
  return (body as unknown as TriggerToken).token;
}

function fire(name: string, token: string, body: unknown = {}, headers = {}): Promise<Answer> {
  const path = `/api/triggers/sales/${name}/fire`;
  return api.post(path, body, { authorization: `Bearer ${token}`, ...headers });
}

async function countRuns(): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) from pipeline_execution`.execute(api.db);
  return rows[0]?.count ?? -1;
}

test('its token fires a trigger, by number and by name; the body is the params', async () => {
  const token = await tokenOf('asked');
  const id = await triggerId('asked');

  const byName = await fire('asked', token, { month: '2026-02' });
  const byNumber = await api.post(`/api/triggers/${id}/fire?wait=50ms`, undefined, {
    authorization: `Bearer ${token}`,
  });

  expect(byName.status).toBe(202);
  expect(byName.body).toMatchObject({
    pipeline: 'sales',
    trigger: 'api',
    params: { month: '2026-02' },
  });
  expect(byName.headers.get('location')).toBe(`/api/runs/${byName.body.id}`);
  expect(byNumber.status).toBe(202);
  expect(byNumber.body.params).toEqual({ month: '2001-01' });
  const row = await api.db
    .selectFrom('pipeline_execution')
    .select(['trigger_id', 'priority'])
    .where('id', '=', byName.body.id)
    .executeTakeFirstOrThrow();
  expect(row).toEqual({ trigger_id: id, priority: 1 });
});

test('the body fills in the params that the file names', async () => {
  const token = await tokenOf('mapped');

  const good = await fire('mapped', token, { when: { month: '2026-03' } });
  const before = await countRuns();
  const missing = await fire('mapped', token, { when: {} });
  const misshapen = await fire('mapped', token, { when: { month: 'March' } });
  const broken = await fire('mapped', token, '{"when":');

  expect(good.body.params).toEqual({ month: '2026-03' });
  expect(missing).toMatchObject({ status: 422, body: { code: 'expression.invalid' } });
  expect(misshapen).toMatchObject({ status: 422, body: { code: 'params.invalid' } });
  expect(broken).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
  expect(await countRuns()).toBe(before);
});

test('the same key is the same run, and another trigger with that key is not', async () => {
  const [asked, mapped] = [await tokenOf('asked'), await tokenOf('mapped')];
  const key = { 'idempotency-key': 'one' };

  const asks = Array.from({ length: 20 }, () => fire('asked', asked, { month: '2026-01' }, key));
  const answers = await Promise.all(asks);
  const other = await fire('mapped', mapped, { when: { month: '2026-01' } }, key);
  const changed = await fire('asked', asked, { month: '2026-02' }, key);

  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  expect(answers.filter(({ headers }) => headers.has('idempotent-replayed'))).toHaveLength(19);
  expect(other.body.id).not.toBe(answers[0]?.body.id);
  expect(changed).toMatchObject({ status: 409, body: { code: 'request.conflict' } });
});

test('without the right token nothing happens, whatever is wrong', async () => {
  const token = await tokenOf('asked');
  const before = await countRuns();

  const answers = [
    await api.post('/api/triggers/sales/asked/fire', {}),
    await fire('asked', `${token}x`),
    await fire('asked', token.toUpperCase()),
    await fire('asked', await tokenOf('mapped')),
    await api.post('/api/triggers/sales/asked/fire', {}, { authorization: `Basic ${token}` }),
    await fire('asked', '', '{"no json'),
  ];

  for (const { status, headers, body } of answers) {
    expect({ status, code: body.code, detail: body.detail }).toEqual({
      status: 401,
      code: 'request.unauthorized',
      detail: 'The token or the signature is missing, wrong or too old',
    });
    expect(headers.get('www-authenticate')).toBe('Bearer');
  }
  expect(await countRuns()).toBe(before);
});

test('a token ends when it is rotated or revoked; both are on record, and it is kept as a digest alone', async () => {
  const first = await tokenOf('asked');
  const second = await tokenOf('asked');
  const [old, now] = [await fire('asked', first), await fire('asked', second)];
  const revoked = await api.send('DELETE', '/api/triggers/sales/asked/token?by=ann', {});
  const gone = await fire('asked', second);
  const again = await api.send('DELETE', '/api/triggers/sales/asked/token?by=ann', {});

  expect([old.status, now.status, revoked.status, gone.status]).toEqual([401, 202, 200, 401]);
  expect(again).toMatchObject({ status: 409, body: { code: 'trigger.no_token' } });
  expect(Buffer.from(second.slice('hwt_'.length), 'base64url')).toHaveLength(32);
  const changes = await api.db
    .selectFrom('trigger_change')
    .select(['action', 'actor'])
    .where('trigger', '=', 'asked')
    .orderBy('id', 'desc')
    .limit(2)
    .execute();
  expect(changes).toEqual([
    { action: 'token revoked', actor: 'ann' },
    { action: 'token rotated', actor: 'ann' },
  ]);
});

test('a paused trigger answers 409 and stays paused', async () => {
  const token = await tokenOf('asked');
  const pause = (paused: boolean) =>
    api.db.updateTable('trigger').set({ paused }).where('name', '=', 'asked').execute();
  await pause(true);
  const before = await countRuns();

  const answers = [await fire('asked', token), await fire('asked', token)];

  expect(answers.map(({ status, body }) => [status, body.code])).toEqual([
    [409, 'trigger.paused'],
    [409, 'trigger.paused'],
  ]);
  expect(await countRuns()).toBe(before);
  await pause(false);
});

test('more than its rate is answered with 429, which says when to come back', async () => {
  const token = await tokenOf('limited');
  const answers = await Promise.all([1, 2, 3, 4, 5].map(() => fire('limited', token)));

  const statuses = answers.map(({ status }) => status).sort();
  expect(statuses).toEqual([202, 202, 202, 429, 429]);
  const refused = answers.find(({ status }) => status === 429);
  expect(refused?.body.code).toBe('request.too_many');
  expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(1_100);
});

test('a bucket gives what its rate allows, whoever asks at once, and fills again', async () => {
  const id = (await triggerId('nightly')) ?? 0;
  const rate = { burst: 5, perSecond: 50 };
  const began = Date.now();
  let taken = 0;

  await until(async () => {
    const waits = await Promise.all([1, 2, 3].map(() => takeFromRate(api.db, id, rate)));
    taken += waits.filter((ms) => ms === 0).length;
    return taken > 4 * rate.burst;
  });

  const allowed = rate.burst + ((Date.now() - began) / 1000) * rate.perSecond;
  expect(taken).toBeLessThanOrEqual(Math.ceil(allowed));
});

test('a schedule that is started twice with one key is one run, though its params speak of now', async () => {
  const path = '/api/triggers/at_night/nightly/start';
  const key = { 'idempotency-key': 'by hand' };

  const first = await api.post(path, { actor: 'ann' }, key);
  const again = await api.post(path, { actor: 'bob' }, key);

  expect([first.status, again.body.id]).toEqual([202, first.body.id]);
  expect(again.body).toMatchObject({ trigger: 'schedule', requested_by: 'ann' });
});

test('what is no API trigger can not be fired, and has no token', async () => {
  const fired = await fire('nightly', 'x');
  const token = await api.post('/api/triggers/sales/nightly/token', { actor: 'ann' });
  const unknown = await fire('nobody', 'x');

  expect([fired, token].map(({ status, body }) => [status, body.code])).toEqual([
    [409, 'trigger.wrong_kind'],
    [409, 'trigger.wrong_kind'],
  ]);
  expect(unknown).toMatchObject({ status: 404, body: { code: 'trigger.not_found' } });
});

test('while its file is broken a trigger starts the last good version', async () => {
  const token = await tokenOf('asked');
  const planOf = (id: number) =>
    api.db
      .selectFrom('pipeline_execution')
      .select('version_hash as plan')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
  const before = await planOf((await fire('asked', token)).body.id);
  await api.write({ 'pipelines/sales.yaml': 'blocks: { numbers: { kind: nothing } }\n' });

  const fired = await fire('asked', token);
  const asked = await api.post('/api/pipelines/sales/runs', {});

  expect(fired.status).toBe(202);
  expect(await planOf(fired.body.id)).toEqual(before);
  expect(asked).toMatchObject({ status: 422, body: { code: 'pipeline.invalid' } });
  await api.write(FILES);
});
