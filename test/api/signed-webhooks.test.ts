import { createHmac } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { startTestApi, type TestApi } from './test-api.ts';

const FILES = {
  'pipelines/sales.yaml': `
params:
  month: { type: string, pattern: '^\\d{4}-\\d{2}$', default: '2001-01' }
triggers:
  pushed:
    api: { signature: { type: github, secret: '\${{ env.PUSH_SECRET }}' } }
    params: { month: '\${{ body.month }}' }
  paid:
    api: { signature: { type: stripe, secret: '\${{ env.PAY_SECRET }}' } }
    params: { month: '\${{ body.data.month }}' }
  unset: { api: { signature: { type: github, secret: '\${{ env.NOT_SET }}' } } }
blocks:
  numbers: { kind: loader, file: numbers.sql }
`,
};
const ENV = { PUSH_SECRET: 'push secret', PAY_SECRET: 'whsec_pay' };

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi({ files: FILES, env: ENV });
  await until(async () => {
    const { rows } = await sql`select from trigger where name = 'paid'`.execute(api.db);
    return rows.length > 0;
  });
});
afterAll(() => api.stop());

async function countRuns(): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) from pipeline_execution`.execute(api.db);
  return rows[0]?.count ?? -1;
}

function signedByGithub(text: string, secret = ENV.PUSH_SECRET): string {
  return `sha256=${createHmac('sha256', secret).update(text).digest('hex')}`;
}

function signedByStripe(text: string, ageS = 0): string {
  const time = Math.floor(Date.now() / 1000) - ageS;
  return `t=${time},v1=${createHmac('sha256', ENV.PAY_SECRET).update(`${time}.${text}`).digest('hex')}`;
}

test('a webhook signed as GitHub does is one run, however often it is delivered; its hello is none', async () => {
  const text = '{"month":"2026-05"}';
  const path = '/api/triggers/sales/pushed/fire';
  const headers = { 'x-hub-signature-256': signedByGithub(text), 'x-github-delivery': 'd-1' };

  const deliveries = await Promise.all([1, 2, 3].map(() => api.post(path, text, headers)));
  const ping = await api.post(path, text, { ...headers, 'x-github-event': 'ping' });
  const before = await countRuns();
  const wrong = await api.post(path, `${text} `, headers);
  const foreign = await api.post(path, text, {
    'x-hub-signature-256': signedByGithub(text, 'other'),
  });

  expect(new Set(deliveries.map(({ body }) => body.id)).size).toBe(1);
  expect(deliveries[0]?.body.params).toEqual({ month: '2026-05' });
  expect(ping.status).toBe(204);
  expect([wrong.status, foreign.status]).toEqual([401, 401]);
  expect(await countRuns()).toBe(before);
});

test('a signed request without an id of its own is one run for each Idempotency-Key', async () => {
  const text = '{"month":"2026-07"}';
  const signed = { 'x-hub-signature-256': signedByGithub(text) };
  const send = (key: string) =>
    api.post('/api/triggers/sales/pushed/fire', text, { ...signed, 'idempotency-key': key });

  const [first, again, other] = [await send('k-1'), await send('k-1'), await send('k-2')];

  expect([first.status, again.body.id]).toEqual([202, first.body.id]);
  expect(other.body.id).not.toBe(first.body.id);
});

test('a webhook signed as Stripe does is one run for each event id, and only while it is fresh', async () => {
  const text = '{"id":"evt_1","data":{"month":"2026-06"}}';
  const path = '/api/triggers/sales/paid/fire';
  const send = (header: string) => api.post(path, text, { 'stripe-signature': header });

  const [first, second] = [await send(signedByStripe(text)), await send(signedByStripe(text, 60))];
  const before = await countRuns();
  const old = await send(signedByStripe(text, 301));

  expect(first.body.params).toEqual({ month: '2026-06' });
  expect(second.body.id).toBe(first.body.id);
  expect(old.status).toBe(401);
  expect(await countRuns()).toBe(before);
});

test('a secret that is not set keeps everybody out, and is in no plan', async () => {
  const text = '{}';
  const unset = await api.post('/api/triggers/sales/unset/fire', text, {
    'x-hub-signature-256': signedByGithub(text, ''),
  });

  expect(unset).toMatchObject({ status: 503, body: { code: 'trigger.unusable' } });
  expect(unset.body.detail).toContain('set the environment variable NOT_SET');
  const { rows } = await sql<{ found: boolean }>`
    select exists (select from pipeline_version where plan::text like '%push secret%')
      or exists (select from trigger where definition::text like '%push secret%') as found`.execute(
    api.db,
  );
  expect(rows).toEqual([{ found: false }]);
});

test('a trigger that takes signed webhooks has no token', async () => {
  const { status, body } = await api.post('/api/triggers/sales/pushed/token', { actor: 'ann' });

  expect([status, body.code]).toEqual([409, 'trigger.wrong_kind']);
});
