import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Mute } from '../../api/contract/notice.ts';
import { raise, untilNotice } from '../api/notice-world.ts';
import { startTestApi, type TestApi } from '../api/test-api.ts';
import { highwater, type Ended } from '../support/highwater.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';

vi.setConfig({ testTimeout: 240_000 }); // many processes, one after the other

let api: TestApi;
let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
  api = await startTestApi({ env: { SLACK_WEBHOOK_URL: receiver.url } });
});
afterAll(async () => {
  await api.stop();
  await receiver.stop();
});

function run(...args: string[]): Promise<Ended> {
  const env = { HIGHWATER_API: api.url, NO_COLOR: '1' };
  return highwater(['notices', ...args], process.cwd(), env);
}

test('notices are listed, acknowledged and shown', async () => {
  await raise(api.db, 'cli');
  const { id } = await untilNotice(
    api.url,
    'cli',
    ({ deliveries }) => deliveries[0]?.state === 'delivered',
  );

  const listed = await run('list', '--kind', 'queue', '--state', 'open');
  const acknowledged = await run('ack', String(id));
  const shown = await run('show', String(id));

  const line = `^${id} +open +warning +queue .* Celery Queue Alert$`;
  expect(listed.out).toMatch(new RegExp(line, 'm'));
  expect(acknowledged.out).toMatch(new RegExp(`^Notice ${id} is acknowledged by \\S+\n$`));
  expect(shown.out).toContain('cli has 50 pending tasks');
  expect(shown.out).toMatch(/^slack +opened +delivered +1$/m);
});

test('a mute is set, listed and lifted', async () => {
  const muted = await run('mute', '--kind', 'queue', '--for', '2h', '--reason', 'trial', '--json');
  const { id, until } = JSON.parse(muted.out) as Mute;
  const mutes = await run('mutes');
  const lifted = await run('unmute', String(id));

  expect(Math.round((Date.parse(until ?? '') - Date.now()) / 3_600_000)).toBe(2);
  expect(mutes.out).toMatch(new RegExp(`^${id} +all +queue .* trial$`, 'm'));
  expect(lifted.out).toBe(`Mute ${id} is lifted\n`);
});

test('a channel is tested, and what can not be done is the user’s to mend', async () => {
  const [tested, unknown, both] = await Promise.all([
    run('test', 'slack'),
    run('test', 'pager'),
    run('mute', '--for', '2h', '--until', '2099-01-01T00:00:00Z'),
  ]);

  expect(tested.out).toMatch(/^slack took it in \d+ ms\n$/);
  expect([unknown.code, unknown.err]).toEqual([1, 'There is no channel pager: known are slack\n']);
  expect([both.code, both.err]).toEqual([1, 'Say --for or --until, not both\n']);
});
