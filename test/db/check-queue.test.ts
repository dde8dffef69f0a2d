import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { checkQueued } from '../../db/anomalies/check-runs.ts';
import { openDb, type Db } from '../../db/database.ts';
import { createLog } from '../../runtime/log.ts';
import {
  addPipeline,
  addRule,
  addRuns,
  checkAll,
  flagsOf,
  queueAll,
  raisedAbout,
  resultsOf,
  type History,
} from '../support/anomaly-world.ts';
import { createDatabase } from '../support/servers.ts';
import { until } from '../support/until.ts';

const CHOICE = { atMost: 100, except: [], onClaim: () => undefined };

let db: Db;
let pipelineId: number;
let names = 0;

beforeAll(async () => {
  db = openDb(await createDatabase(), createLog('test', 'silent'), 8);
});
beforeEach(async () => {
  pipelineId = await addPipeline(db, `pipeline ${String(names++)}`);
  await addRule(db, pipelineId);
  await addRuns(
    db,
    Array.from({ length: 20 }, (_, at) => run(100 + 2 * (at % 2), 20 - at)),
  );
});
afterAll(() => db.destroy());

function run(rows: number, daysAgo = 0): History {
  return { pipelineId, daysAgo, hour: 9, rows };
}

async function queued(): Promise<number[]> {
  const rows = await db.selectFrom('check_queue').select('execution_id').execute();
  return rows.map(({ execution_id }) => execution_id);
}

/** Keeps every check from writing what it found, until `done`. */
async function holdChecks<Answer>(done: () => Promise<Answer>): Promise<Answer> {
  return db.transaction().execute(async (tx) => {
    await sql`lock table anomaly_detection_result in exclusive mode`.execute(tx);
    return done();
  });
}

/** The server processes that wait for a lock, once there are as many. */
async function findWaiting(count: number): Promise<number[] | undefined> {
  const { rows } = await sql<{ pid: number }>`
    select pid from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`.execute(db);
  return rows.length >= count ? rows.map(({ pid }) => pid) : undefined;
}

test('runs that end together are checked once each, by however many processes', async () => {
  const ended = Array.from({ length: 300 }, (_, at) => run(at % 20 === 0 ? 5_000 + at : 101));
  const ids = await addRuns(db, ended);
  await queueAll(db, pipelineId, ids);
  const checked = await Promise.all([1, 2, 3, 4].map(() => checkAll(db, 25)));

  expect(checked.reduce((sum, count) => sum + count)).toBe(300);
  expect(await queued()).toEqual([]);
  const odd = ids.filter((_, at) => at % 20 === 0);
  expect((await resultsOf(db, ids)).map((result) => result.pipeline_execution_id)).toEqual(odd);
  for (const id of odd) expect((await raisedAbout(db, id))[0]).toBe(false);
  const { rows } = await sql<{ raised: number }>`
    select count(*) as raised from raised_notice
    where pipeline_id = ${pipelineId} and not recovered`.execute(db);
  expect(rows[0]?.raised).toBe(15);
});

test('a check that dies half-way leaves no trace, and the run in the queue', async () => {
  const [id = NaN] = await addRuns(db, [run(5_000)]);
  await queueAll(db, pipelineId, [id]);
  await holdChecks(async () => {
    const dying = checkQueued(db, CHOICE).catch((error: unknown) => error);
    const [pid] = await until(() => findWaiting(1));
    await sql`select pg_terminate_backend(${pid}::int)`.execute(db);
    expect(await dying).toBeInstanceOf(Error);
  });
  expect(await queued()).toEqual([id]);
  expect(await flagsOf(db, id)).toBeNull();
  expect(await raisedAbout(db, id)).toEqual([]);

  expect(await checkAll(db)).toBe(1);
  expect(await flagsOf(db, id)).toEqual({ total_rows: true });
  expect(await raisedAbout(db, id)).toEqual([false]);
});

test('a run that ends again while it is checked is checked once more', async () => {
  const [id = NaN] = await addRuns(db, [run(5_000)]);
  await queueAll(db, pipelineId, [id]);
  const both = await holdChecks(async () => {
    const checking = checkQueued(db, CHOICE);
    await until(() => findWaiting(1));
    const again = db.transaction().execute(async (tx) => {
      await sql`update pipeline_execution set total_rows = 101 where id = ${id}`.execute(tx);
      await queueAll(tx, pipelineId, [id]);
    });
    await until(() => findWaiting(2));
    return [checking, again];
  });
  await Promise.all(both);
  expect(await queued()).toEqual([id]);
  await checkAll(db);
  expect(await flagsOf(db, id)).toBeNull();
});

test('a run that is being reported again just now is left for later', async () => {
  const [id = NaN] = await addRuns(db, [run(5_000)]);
  await queueAll(db, pipelineId, [id]);
  await db.transaction().execute(async (tx) => {
    await sql`update pipeline_execution set total_rows = 101 where id = ${id}`.execute(tx);
    await checkQueued(db, CHOICE);
    expect(await queued()).toEqual([id]);
    await queueAll(tx, pipelineId, [id]);
  });
  await checkAll(db);
  expect(await queued()).toEqual([]);
  expect(await flagsOf(db, id)).toBeNull();
});

test('a run that is gone leaves the queue', async () => {
  const [id = NaN] = await addRuns(db, [run(101)]);
  await queueAll(db, pipelineId, [id]);
  await sql`delete from pipeline_execution where id = ${id}`.execute(db);
  expect(await checkAll(db)).toBe(1);
  expect(await queued()).toEqual([]);
});

test('runs that are excepted wait', async () => {
  const ids = await addRuns(db, [run(101), run(101)]);
  await queueAll(db, pipelineId, ids);
  const [first = NaN, second] = ids;
  expect(await checkQueued(db, { ...CHOICE, except: [first] })).toBe(1);
  expect(await queued()).toEqual([first]);
  expect(second).toBeGreaterThan(first);
});
