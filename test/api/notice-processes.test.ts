import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { openDb, type Db } from '../../db/database.ts';
import { createLog } from '../../runtime/log.ts';
import { createSurroundings, startApi, type Surroundings } from '../support/processes.ts';
import { createProject } from '../support/project.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';
import { raise } from './notice-world.ts';

vi.setConfig({ testTimeout: 240_000 }); // processes that start, and leases that end

let around: Surroundings;
let db: Db;
let receiver: Receiver;

beforeAll(async () => {
  around = await createSurroundings(await createProject({}));
  db = openDb(around.databaseUrl, createLog('test', 'silent'), 4);
});
beforeEach(async () => {
  receiver = await startReceiver();
  return () => receiver.stop();
});
afterAll(async () => {
  await db.destroy();
  await Promise.all([around.home, around.project].map((path) => rm(path, { recursive: true })));
});

const start = () => startApi(around, { SLACK_WEBHOOK_URL: receiver.url });

/** The subjects that were received, as often as they were. */
function told(): string[] {
  return receiver.received
    .map(({ text }) => /Message:\* (.*) has 50/.exec((JSON.parse(text) as { text: string }).text))
    .map((match) => match?.[1] ?? '');
}

async function untilAllDelivered(): Promise<void> {
  await until(async () => {
    const waiting = await db.selectFrom('raised_notice').select('id').executeTakeFirst();
    const pending = await db
      .selectFrom('notice_delivery')
      .select('id')
      .where('state', '<>', 'delivered')
      .executeTakeFirst();
    return !waiting && !pending;
  }, 90_000);
}

const names = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, at) => `${prefix} ${at}`);

test('what is raised while no API runs is delivered by the next one', async () => {
  for (const name of names('early', 5)) await raise(db, name);

  const api = await start();
  await untilAllDelivered();

  expect(told().sort()).toEqual(names('early', 5));
  await api.stop();
});

test('several APIs deliver each notice once', async () => {
  const apis = await Promise.all([start(), start(), start()]);
  await Promise.all(names('shared', 60).map((name) => raise(db, name)));

  await untilAllDelivered();

  expect(told().sort()).toEqual(names('shared', 60).sort());
  await Promise.all(apis.map((api) => api.stop()));
});

test('with its receiver away for a while and an API killed amid sending, no notice is lost', async () => {
  const victim = await start();
  receiver.react({ status: 503 });
  await Promise.all(names('lost?', 20).map((name) => raise(db, name)));
  await until(() => receiver.received.length > 5);
  receiver.react('silence');
  const before = receiver.received.length;
  await until(() => receiver.received.length >= before + 4);

  await victim.kill(); // the receiver has these requests, and nobody has written down that they were sent
  receiver.react({ status: 200 });
  const next = await start();
  await untilAllDelivered();

  expect(new Set(told())).toEqual(new Set(names('lost?', 20)));
  const ids = new Map(receiver.received.map(({ headers, text }) => [headers['webhook-id'], text]));
  expect(ids.size).toBe(20);
  await next.stop();
});

test('an API that is asked to stop leaves what its receiver does not take to the next one', async () => {
  const first = await start();
  receiver.react('silence');
  await raise(db, 'left');
  await until(() => receiver.received.length === 1);

  await first.stop();
  receiver.react({ status: 200 });
  const second = await start();
  await untilAllDelivered();

  expect(told()).toEqual(['left', 'left']);
  await second.stop();
});
