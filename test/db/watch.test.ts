import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openChannels, type Channels } from '../../db/channels.ts';
import {
  beginCheck,
  LONGEST_SLEEP_MS,
  noteStart,
  planSleep,
  WATCH_CHANNEL,
} from '../../db/standings/watch.ts';
import { createLog } from '../../runtime/log.ts';
import { openDeadlineWorld, type DeadlineWorld } from '../support/deadline-world.ts';
import { until } from '../support/until.ts';

let world: DeadlineWorld;
let channels: Channels;
let calls: (string | undefined)[] = [];

beforeAll(async () => {
  world = await openDeadlineWorld();
  channels = openChannels(world.url, createLog('test', 'silent'));
  channels.listen(WATCH_CHANNEL, (payload) => calls.push(payload));
  await until(() => calls.length === 1);
});
afterAll(async () => {
  await channels.close();
  await world.close();
});
beforeEach(async () => {
  await beginCheck(world.db);
  await planSleep(world.db, null, 0);
  await world.db.deleteFrom('deadline_queue').execute();
  await heardUntil('before');
  calls = [];
});

/** They are heard in their order: so all calls from before this one have been. */
async function heardUntil(mark: string): Promise<void> {
  await sql`select pg_notify(${WATCH_CHANNEL}, ${mark})`.execute(world.db);
  await until(() => calls.includes(mark));
}

/** In how many milliseconds the watch is to wake. */
async function wakesIn(): Promise<number> {
  const { rows } = await sql<{ ms: number }>`
    select (extract(epoch from wakes_at - clock_timestamp()) * 1000)::float8 as ms
    from watch`.execute(world.db);
  return rows[0]?.ms ?? NaN;
}

async function queued(): Promise<number> {
  return (await world.db.selectFrom('deadline_queue').select('execution_id').execute()).length;
}

const ASLEEP = LONGEST_SLEEP_MS - 5_000;

test('a start that is told of at once costs nothing', async () => {
  await noteStart(world.db, new Date());

  expect(await wakesIn()).toBeGreaterThan(ASLEEP);
});

test('a start that is told of belatedly wakes the watch when its deadline may come', async () => {
  await noteStart(world.db, new Date(Date.now() - 45_000));

  const ms = await wakesIn();
  expect(ms).toBeGreaterThan(10_000);
  expect(ms).toBeLessThanOrEqual(15_000);
  await until(() => calls.length === 1);
});

test('an end in time of a pipeline that is not late costs nothing', async () => {
  const quick = await world.addPipeline('quick', { timeliness: [1, 'hour'] });
  await world.end(await world.begin(quick, 0.5), 0);

  expect([await queued(), (await wakesIn()) > ASLEEP]).toEqual([0, true]);
});

test('a long or a failed run may be late, where something was promised', async () => {
  const promised = await world.addPipeline('promised', { timeliness: [1, 'hour'] });
  const free = await world.addPipeline('free');
  await world.end(await world.begin(free, 5), 0);
  await world.end(await world.begin(free, 0.5), 0, 'failed');
  expect(await queued()).toBe(0);

  await world.end(await world.begin(promised, 5), 0);
  await world.end(await world.begin(promised, 0.5), 0, 'failed');

  expect([await queued(), (await wakesIn()) <= 0]).toEqual([2, true]);
});

test('any end may help a pipeline that is late', async () => {
  const late = await world.addPipeline('late', { freshness: [1, 'hour'] });
  await world.write(late, 90);
  await world.check();

  await world.end(await world.begin(late, 0.5), 0);

  expect(await queued()).toBe(1);
});

test('of many that wake the watch at once one calls it', async () => {
  const busy = await world.addPipeline('busy', { timeliness: [1, 'hour'] });
  const runs = await Promise.all(Array.from({ length: 20 }, () => world.begin(busy, 5)));
  await Promise.all(runs.map((run) => world.end(run, 0)));
  await heardUntil('last');

  expect([await queued(), calls.length]).toEqual([20, 2]);
});

test('a changed promise wakes the watch, and nothing else that is changed', async () => {
  const changed = await world.addPipeline('changed', { timeliness: [1, 'hour'] });
  await world.set(changed, { next_watermark: '7', last_target_insert: new Date() });
  await world.set(changed, { timeliness_number: 1, active: true });
  expect(await wakesIn()).toBeGreaterThan(ASLEEP);

  await world.set(changed, { timeliness_number: 2 });
  expect(await wakesIn()).toBeLessThanOrEqual(0);

  await planSleep(world.db, null, 0);
  await beginCheck(world.db);
  await planSleep(world.db, null, 0);
  const type = { mute_freshness_check: true };
  await world.db.updateTable('pipeline_type').set(type).where('name', '=', 'general').execute();
  expect(await wakesIn()).toBeLessThanOrEqual(0);
});

test('the watch sleeps until what is due next, never long, and never too short', async () => {
  const inTwentySeconds = new Date(Date.now() + 20_000);
  const [soon, far, past] = [
    await planSleep(world.db, inTwentySeconds, 200),
    await planSleep(world.db, new Date('9999-12-31T23:59:59Z'), 200),
    await planSleep(world.db, new Date(0), 200),
  ];

  expect(soon).toBeGreaterThan(5_000);
  expect(soon).toBeLessThanOrEqual(20_001);
  expect([far, past]).toEqual([LONGEST_SLEEP_MS, 200]);
});

test('a long time without a check is a gap', async () => {
  await sql`update watch set checked_at = now() - interval '1 hour'`.execute(world.db);

  await beginCheck(world.db);
  await beginCheck(world.db);

  const gaps = await world.db.selectFrom('watch_gap').select(['since', 'until']).execute();
  expect(gaps).toHaveLength(1);
  const minutes = gaps.map(({ since, until }) => (until.getTime() - since.getTime()) / 60_000);
  expect(minutes[0]).toBeCloseTo(60, 0);
});
