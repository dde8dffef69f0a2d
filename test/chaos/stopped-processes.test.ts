import { setTimeout as wait } from 'node:timers/promises';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isAway } from '../../db/away.ts';
import { openDb, STANDSTILL_MS } from '../../db/database.ts';
import { createLog } from '../../runtime/log.ts';
import { startEngine, type Engine } from '../support/engine.ts';
import { mirrorDifferences } from '../support/mirror-differences.ts';
import { startWorker, type TestProcess } from '../support/processes.ts';
import { strayFiles } from '../support/stray-files.ts';
import { until } from '../support/until.ts';
import { FILES } from './files.ts';

/** Longer than Temporal waits for a heartbeat, so that another worker takes the attempts over. */
const STOPPED_MS = 20_000;
const RUNS = 4;

let engine: Engine;
let other: TestProcess;
let warehouse: pg.Client;

beforeAll(async () => {
  engine = await startEngine(FILES);
  other = await startWorker(engine.around);
  warehouse = new pg.Client({ connectionString: engine.around.warehouseUrl });
  await warehouse.connect();
  await engine.run('delivery'); // makes the Python environment
});
afterAll(async () => {
  await warehouse.end();
  await other.stop();
  await engine.stop();
});

test('what a worker does that stood still while another one took its attempts over changes nothing', async () => {
  const { worker } = engine.pids;
  const runs = [];
  for (let at = 0; at < RUNS; at += 1) {
    runs.push(await engine.start('delivery'));
    await wait(1_000);
  }
  const ids = runs.map(({ id }) => id);
  await until(async () => (await attemptsAt(worker, ids)) > 0);

  process.kill(worker, 'SIGSTOP');
  await wait(STOPPED_MS);
  process.kill(worker, 'SIGCONT');
  const ended = await Promise.all(ids.map((id) => engine.ended(id)));

  const lost = ended
    .flatMap(({ blocks }) => blocks.flatMap(({ history }) => history))
    .filter(({ error }) => error?.code === 'worker.lost').length;
  console.log(`${RUNS} runs, ${lost} attempts taken over`);
  expect(ended.map(({ state }) => state)).toEqual(ended.map(() => 'succeeded'));
  expect(lost).toBeGreaterThan(0);
  expect(engine.pids.worker).toBe(worker);
  for (const id of ids) expect(await mirrorDifferences(engine.db, engine.temporal, id)).toEqual([]);
  for (const table of ['appended', 'merged']) {
    const { rows } = await warehouse.query(
      `select run::int, count(*)::int as all, count(distinct i)::int as different
       from ${table} where run = any($1) group by run order by run`,
      [ids],
    );
    expect(rows).toEqual(ids.map((run) => ({ run, all: 1_000, different: 1_000 })));
  }
  expect(await strayFiles(engine.db, engine.temporal, engine.around.home)).toEqual([]);
});

test('what a process has locked that stands still within a transaction is free a minute later', async () => {
  const open = () => openDb(engine.around.databaseUrl, createLog('test', 'silent'), 1);
  const [still, next] = [open(), open()];
  const lock = sql`select from pipeline where name = 'delivery' for update`;
  let goOn = (): void => undefined;
  const stopped = new Promise<void>((resolve) => (goOn = resolve));
  let locked = (): void => undefined;
  const isLocked = new Promise<void>((resolve) => (locked = resolve));
  const standing = still.transaction().execute(async (tx) => {
    await lock.execute(tx);
    locked();
    await stopped;
    await lock.execute(tx);
  });
  const outcome = standing.catch((error: unknown) => error);
  await isLocked;
  const from = Date.now();

  await next.transaction().execute((tx) => lock.execute(tx));

  expect(Date.now() - from).toBeGreaterThan(STANDSTILL_MS - 1_000);
  goOn();
  expect(isAway(await outcome)).toBe(true);
  await Promise.all([still.destroy(), next.destroy()]);
});

/** Attempts of these runs that this worker has at hand. */
async function attemptsAt(worker: number, ids: readonly number[]): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) from block_run where state = 'running' and execution_id = any(${ids}::bigint[])
      and worker like ${`%/${worker}`}`.execute(engine.db);
  return rows[0]?.count ?? 0;
}
