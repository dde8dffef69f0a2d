import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { QueueWatch } from '../../api/diagnostics/queue-watch.ts';
import { openDb, type Db } from '../../db/database.ts';
import { checkQueues, watchQueues } from '../../db/diagnostics/queue-alert.ts';
import { readQueues } from '../../db/diagnostics/queues.ts';
import { setEmitting } from '../../db/lineage/open-lineage-events.ts';
import { routeRaised } from '../../db/notices/routing.ts';
import { createLog } from '../../runtime/log.ts';
import { createDatabase } from '../support/servers.ts';
import { until } from '../support/until.ts';

const log = createLog('test', 'silent');
let db: Db;
let watch: QueueWatch | undefined;

beforeEach(async () => {
  db = openDb(await createDatabase(), log, 4);
});
afterEach(async () => {
  await watch?.stop();
  watch = undefined;
  await db.destroy();
});

/** `critical: Queue has 120 pending tasks`, or `over`. */
async function notices(): Promise<string[]> {
  await routeRaised(db, () => ({ untold: 'no_route' }));
  const { rows } = await sql<{ text: string }>`
    select case when recovered_at is not null then 'over' else severity || ': ' || message end as text
    from notice`.execute(db);
  return rows.map(({ text }) => text);
}

/** Lets so many wait; `from` when some do already. */
const wait = (count: number, from = 1) =>
  sql`insert into deadline_queue select generate_series(${from}::int, ${count}::int)`.execute(db);

test('a queue that is too long is raised without anybody asking, again and again', async () => {
  await wait(120);
  watch = new QueueWatch({ db, everyMs: 20, closelyMs: 20, log });
  watch.start();

  const open = await until(async () => (await notices())[0]);
  await sql`truncate deadline_queue`.execute(db);
  await until(async () => (await notices()).join() === 'over');

  const [, waits] = /^critical: Queue has (\d+) pending tasks$/.exec(open) ?? [];
  expect(Number(waits)).toBeGreaterThanOrEqual(120); // what is raised waits to be routed, too
});

test('several processes that look raise it once in their time, and then again', async () => {
  const everyMs = 60_000;
  const look = () => watchQueues(db, everyMs);
  const raisedCounts = async () => {
    await notices();
    return (await db.selectFrom('notice').select('raised_count').execute()).map(
      ({ raised_count }) => raised_count,
    );
  };
  await wait(120);

  await look();
  await look();
  expect(await raisedCounts()).toEqual([1]);
  await look();
  expect(await raisedCounts()).toEqual([1]);

  await sql`update notice set last_raised_at = last_raised_at - interval '1 minute'`.execute(db);
  await look();
  await look();
  expect(await raisedCounts()).toEqual([2]);
});

test('a queue that gets worse is told of at once, and that it is short again', async () => {
  const everyMs = 60_000;
  const raisedAs = async () => (await notices()).map((text) => text.replace(/: .*/, '')).join();
  await wait(60);
  expect([await watchQueues(db, everyMs), await raisedAs()]).toEqual([true, 'warning']);

  await sql`truncate deadline_queue`.execute(db);
  await wait(120);
  expect([await watchQueues(db, everyMs), await raisedAs()]).toEqual([true, 'critical']);
  await sql`delete from deadline_queue where execution_id > 60`.execute(db);
  expect([await watchQueues(db, everyMs), await raisedAs()]).toEqual([true, 'critical']);
  await sql`truncate deadline_queue`.execute(db);
  expect([await watchQueues(db, everyMs), await raisedAs()]).toEqual([false, 'over']);
});

test('while too much waits it is looked at more often', async () => {
  const everyMs = 5_000;
  await wait(60);
  watch = new QueueWatch({ db, everyMs, closelyMs: 20, log });
  watch.start();
  await until(async () => (await notices()).join().startsWith('warning'));

  await wait(200, 61);
  await until(async () => (await notices()).join().startsWith('critical'));

  const { first_raised_at: first, last_raised_at: last } = await db
    .selectFrom('notice')
    .select(['first_raised_at', 'last_raised_at'])
    .executeTakeFirstOrThrow();
  expect(last.getTime() - first.getTime()).toBeLessThan(everyMs);
});

test('what waits when it starts is no news yet', async () => {
  await wait(120);
  watch = new QueueWatch({ db, everyMs: 60_000, closelyMs: 60_000, log });
  watch.start();
  await watch.stop();

  expect(await notices()).toEqual([]);
});

test('events of lineage wait only while somebody is to be told of them', async () => {
  await sql`
    with type as (insert into pipeline_type (name) values ('test') returning id),
    named as (insert into pipeline (name, pipeline_type_id) select 'p', id from type returning id),
    run as (
      insert into pipeline_execution (pipeline_id, state, trigger_kind)
      select id, 'running', 'reported' from named returning id
    )
    insert into open_lineage_event (execution_id, event_type) select id, 'START' from run`.execute(
    db,
  );
  const waiting = async () => (await readQueues(db)).open_lineage_events.pending;

  await setEmitting(db, true);
  expect(await waiting()).toBe(1);
  await setEmitting(db, false);
  expect(await waiting()).toBe(0);
});

test('a short queue is no news', async () => {
  await wait(40);
  await checkQueues(db);

  expect(await notices()).toEqual([]);
});
