import { createHmac } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TriggerToken } from '../../api/contract/trigger-token.ts';
import { startEventApi } from './event-world.ts';
import type { TestApi } from './test-api.ts';

const FILES = {
  'pipelines/sales.yaml': `
triggers:
  limited: { api: { rate_limit: 20/h } }
  pushed:  { api: { rate_limit: 1/h, signature: { type: github, secret: '\${{ env.PUSH_SECRET }}' } }, params: {} }
  paid:    { api: { rate_limit: 1/h, signature: { type: stripe, secret: '\${{ env.PAY_SECRET }}' } }, params: {} }
blocks:
  numbers: { kind: loader, file: numbers.sql }
`,
};
const ENV = { PUSH_SECRET: 'push secret', PAY_SECRET: 'whsec_pay' };
const TEXT = '{"id":"evt_1","month":"2026-05"}';

let api: TestApi;

beforeAll(async () => {
  api = await startEventApi({ files: FILES, env: ENV }, 3);
});
afterAll(() => api.stop());

/** All that a fire may change. */
async function counts() {
  const { rows } = await sql`
    select (select count(*) from pipeline_execution) as runs,
      (select count(*) from trigger_rate) as rates, (select count(*) from trigger_change) as changes,
      (select count(*) from event) as events`.execute(api.db);
  return rows[0];
}

const fire = (name: string, headers: Record<string, string>) =>
  api.post(`/api/triggers/sales/${name}/fire`, TEXT, headers);

function hmac(text: string, secret: string, algorithm = 'sha256'): string {
  return createHmac(algorithm, secret).update(text).digest('hex');
}

test('of a hundred fires at once as many start runs as the rate allows', async () => {
  const made = await api.post('/api/triggers/sales/limited/token', { actor: 'ann' });
  const { token } = made.body as unknown as TriggerToken;

  const answers = await Promise.all(
    Array.from({ length: 100 }, () =>
      api.post('/api/triggers/sales/limited/fire', {}, { authorization: `Bearer ${token}` }),
    ),
  );

  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status === 202)).toHaveLength(20);
  expect(statuses.filter((status) => status === 429)).toHaveLength(80);
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused.every(({ headers }) => Number(headers.get('retry-after')) > 0)).toBe(true);
  expect(await counts()).toMatchObject({ runs: 20 });
});

test("whatever is wrong with GitHub's signature, nothing changes", async () => {
  const before = await counts();
  const right = hmac(TEXT, ENV.PUSH_SECRET);
  const wrong = [
    ...['', right, `sha256=${right.slice(0, -2)}`, `sha256=${right}00`, 'sha256=xyz'],
    ...[`sha256=${hmac(`${TEXT} `, ENV.PUSH_SECRET)}`, `sha256=${hmac(TEXT, ENV.PAY_SECRET)}`],
    `sha1=${hmac(TEXT, ENV.PUSH_SECRET, 'sha1')}`,
  ];
  for (const signature of wrong) {
    const answer = await fire('pushed', { 'x-hub-signature-256': signature });
    expect([signature, answer.status]).toEqual([signature, 401]);
  }
  expect((await fire('pushed', { 'x-github-event': 'ping' })).status).toBe(401);

  expect(await counts()).toEqual(before);
  const good = await fire('pushed', { 'x-hub-signature-256': `sha256=${right}` });
  expect(good.status).toBe(202);
});

test("whatever is wrong with Stripe's signature, nothing changes", async () => {
  const before = await counts();
  const now = Math.floor(Date.now() / 1000);
  const signed = (time: number, text = TEXT, secret = ENV.PAY_SECRET) =>
    `t=${time},v1=${hmac(`${time}.${text}`, secret)}`;
  const right = hmac(`${now}.${TEXT}`, ENV.PAY_SECRET);
  const wrong = [
    ...['', `t=${now}`, `v1=${right}`, `t=${now},v0=${right}`, `t=${now - 1},v1=${right}`],
    ...[signed(now - 301), signed(now + 360), `t=now,v1=${hmac(`now.${TEXT}`, ENV.PAY_SECRET)}`],
    ...[signed(now, `${TEXT} `), signed(now, TEXT, ENV.PUSH_SECRET)],
    `t=${now},v1=${'0'.repeat(64)},v1=${right.slice(0, -2)}`,
  ];
  for (const signature of wrong) {
    const answer = await fire('paid', { 'stripe-signature': signature });
    expect([signature, answer.status]).toEqual([signature, 401]);
  }

  expect(await counts()).toEqual(before);
  expect((await fire('paid', { 'stripe-signature': signed(now) })).status).toBe(202);
});
