import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Event, EventReceipt, EventSummary } from '../../api/contract/event.ts';
import { startTestApi, type TestApi } from '../api/test-api.ts';
import { highwater } from '../support/highwater.ts';
import { until } from '../support/until.ts';

// Each command is a process of its own, and takes seconds where the machine is busy.
vi.setConfig({ testTimeout: 120_000 });

let api: TestApi;
let event: EventReceipt;

beforeAll(async () => {
  api = await startTestApi({
    files: {
      'pipelines/sales.yaml': `
params: { order: { type: string } }
triggers:
  paid: { event: { type: shop.paid }, params: { order: '\${{ event.data.order }}' } }
  asked: { api: {} }
blocks: { a: { kind: loader, file: numbers.sql } }
`,
    },
  });
  await until(async () => (await api.db.selectFrom('trigger').select('id').execute()).length === 2);
  const { body } = await api.post(
    '/api/events',
    { specversion: '1.0', id: 'o-1', source: 'till', type: 'shop.paid', data: { order: 1 } },
    { 'content-type': 'application/cloudevents+json' },
  );
  event = body as unknown as EventReceipt;
  await until(isDead);
});
afterAll(() => api.stop());

async function isDead(): Promise<boolean> {
  const { body } = await api.get(`/api/events/${event.id}`);
  return (body as unknown as Event).state === 'dead';
}

async function run(...args: readonly string[]) {
  return highwater(args, tmpdir(), { HIGHWATER_API: api.url, NO_COLOR: '1' });
}

test('events can be listed, looked at and replayed', async () => {
  const listed = await run('events', 'list', '--state', 'dead', '--json');
  const table = await run('events', 'list');
  const shown = await run('events', 'show', String(event.id));
  const replayed = await run('events', 'replay', String(event.id), '--only-dead', '--json');
  const unknown = await run('events', 'show', '999');

  expect((JSON.parse(listed.out) as EventSummary[]).map(({ id }) => id)).toEqual([event.id]);
  expect(table.out).toMatch(/EVENT +STATE +RECEIVED +TYPE/);
  expect(table.out).toContain('shop.paid');
  expect(shown.out).toContain('sales/paid');
  expect(shown.out).toContain('order must be text, not 1');
  expect((JSON.parse(replayed.out) as Event).matches).toHaveLength(2);
  expect(unknown).toMatchObject({ code: 1, err: 'No event 999\n' });
});

test('a token is shown once, works, and ends when it is revoked', async () => {
  const fire = (token: string) =>
    api.post(
      '/api/triggers/sales/asked/fire',
      { order: 'a' },
      { authorization: `Bearer ${token}` },
    );
  const rotated = await run('triggers', 'token', 'rotate', 'sales/asked');
  const [token = ''] = rotated.out.split('\n');
  const before = await fire(token);
  const revoked = await run('triggers', 'token', 'revoke', 'sales/asked');
  const after = await fire(token);

  expect(token).toMatch(/^hwt_[\w-]{43}$/);
  expect(revoked.out).toBe('Nobody can fire sales/asked any more\n');
  expect([before.status, after.status]).toEqual([202, 401]);
});
