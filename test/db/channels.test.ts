import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openChannels, type Channels } from '../../db/channels.ts';
import { openDb, type Db } from '../../db/database.ts';
import { createLog } from '../../runtime/log.ts';
import { createDatabase } from '../support/servers.ts';
import { until } from '../support/until.ts';

const log = createLog('test', 'silent');

let db: Db;
let channels: Channels;
let heard: string[];

beforeEach(async () => {
  const url = await createDatabase();
  db = openDb(url, log, 1);
  channels = openChannels(url, log);
  heard = [];
});
afterEach(async () => {
  await channels.close();
  await db.destroy();
});

/** Notes what is heard on a channel, as `channel:payload`; settles when it has begun to listen. */
async function hear(channel: string): Promise<void> {
  channels.listen(channel, (payload = '(begun)') => {
    heard.push(`${channel}:${payload}`);
  });
  await until(() => heard.includes(`${channel}:(begun)`));
}

async function tell(channel: string, payload: string): Promise<void> {
  await sql`select pg_notify(${channel}, ${payload})`.execute(db);
}

async function listeners(): Promise<number[]> {
  const { rows } = await sql<{ pid: number }>`
    select pid from pg_stat_activity
    where datname = current_database() and query like 'listen %'`.execute(db);
  return rows.map(({ pid }) => pid);
}

test('several channels are heard through one connection, each by its own listener', async () => {
  await hear('one');
  await hear('two');

  await tell('two', 'b');
  await tell('one', 'a');

  await until(() => heard.includes('one:a'));
  expect(heard).toEqual(['one:(begun)', 'two:(begun)', 'two:b', 'one:a']);
  expect(await listeners()).toHaveLength(1);
});

test('after the connection was lost every channel is heard again, and each listener told to look', async () => {
  await hear('one');
  await hear('two');
  const [lost] = await listeners();
  heard = [];

  await sql`select pg_terminate_backend(${lost})`.execute(db);

  await until(() => heard.length === 2);
  expect(heard.sort()).toEqual(['one:(begun)', 'two:(begun)']);
  await tell('two', 'b');
  await until(() => heard.includes('two:b'));
});

test('a channel has as many listeners as there are', async () => {
  await hear('one');
  const others: string[] = [];
  channels.listen('one', (payload = '(begun)') => others.push(payload));
  await until(() => others.length === 1);

  await tell('one', 'a');

  await until(() => others.includes('a') && heard.includes('one:a'));
});
