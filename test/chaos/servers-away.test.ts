import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDb } from '../../db/database.ts';
import { migrate } from '../../db/migrate.ts';
import { createLog } from '../../runtime/log.ts';
import { startEngineAround, type Engine } from '../support/engine.ts';
import { createProject } from '../support/project.ts';
import { mirrorDifferences } from '../support/mirror-differences.ts';
import { until } from '../support/until.ts';
import { FILES } from './files.ts';

import { startOwnServers, type OwnServers } from './own-servers.ts';

const AWAY_MS = 20_000;
const FULL_MS = 10_000;
const TOO_MANY = '53300';
const RUNS = 4;

let servers: OwnServers;
let engine: Engine;

beforeAll(async () => {
  servers = await startOwnServers(await createProject(FILES));
  const db = openDb(servers.around.databaseUrl, createLog('test', 'silent'), 1);
  await migrate(db);
  await db.destroy();
  engine = await startEngineAround(servers.around);
  await engine.run('delivery'); // makes the Python environment
});
afterAll(async () => {
  await engine.stop();
  await servers.stop();
});

/** Starts runs a second apart, so that the server goes away at a different block of each; the first one has begun. */
async function startRuns(): Promise<number[]> {
  const ids: number[] = [];
  for (let at = 0; at < RUNS; at += 1) {
    ids.push((await engine.start('delivery')).id);
    await wait(1_000);
  }
  await until(async () => (await engine.show(ids[0])).blocks.some(({ attempts }) => attempts > 0));
  return ids;
}

async function expectAllWell(ids: readonly number[], pids: Engine['pids']): Promise<void> {
  const runs = await Promise.all(ids.map((id) => engine.ended(id)));
  expect(runs.map(({ state, error }) => [state, error])).toEqual(
    runs.map(() => ['succeeded', null]),
  );
  expect(engine.pids).toEqual(pids);
  for (const pid of Object.values(pids)) expect(process.kill(pid, 0)).toBe(true);
  for (const id of ids) expect(await mirrorDifferences(engine.db, engine.temporal, id)).toEqual([]);
  await expectDeliveredOnce(ids);
}

async function expectDeliveredOnce(ids: readonly number[]): Promise<void> {
  const warehouse = new pg.Client({ connectionString: servers.around.warehouseUrl });
  await warehouse.connect();
  for (const table of ['appended', 'merged']) {
    const { rows } = await warehouse.query(
      `select run::int, count(*)::int, count(distinct i)::int as different
       from ${table} where run = any($1) group by run order by run`,
      [ids],
    );
    expect(rows).toEqual(ids.map((run) => ({ run, count: 1_000, different: 1_000 })));
  }
  await warehouse.end();
}

test('runs go on and end when Postgres was away for 20 s, and no process ends', async () => {
  const { pids } = engine;
  const ids = await startRuns();

  await servers.postgres.stop();
  await wait(AWAY_MS);
  await servers.postgres.start();

  await expectAllWell(ids, pids);
});

test('runs go on and end when Postgres had no connection left for 10 s, and had closed all of theirs', async () => {
  const { pids } = engine;
  const ids = await startRuns();

  const taken = await takeEveryConnection(servers.around.databaseUrl);
  await wait(FULL_MS);
  await Promise.all(taken.map((client) => client.end()));

  await expectAllWell(ids, pids);
});

test('runs go on and end when the Temporal server was started anew, and no process ends', async () => {
  const { pids } = engine;
  const ids = await startRuns();

  await servers.temporal.stop();
  const asked = await engine.start('delivery');
  expect(asked.state).toBe('queued');
  await servers.temporal.start();

  await expectAllWell([...ids, asked.id], pids);
});

test('a run that is asked for while the Temporal server is down runs when it is back', async () => {
  const { pids } = engine;
  await servers.temporal.stop();
  const runs = await Promise.all([engine.start('inner'), engine.start('inner')]);
  await wait(5_000);
  expect((await engine.show(runs[0].id)).state).toBe('queued');
  await servers.temporal.start();

  const ended = await Promise.all(runs.map(({ id }) => engine.ended(id)));

  expect(ended.map(({ state }) => state)).toEqual(['succeeded', 'succeeded']);
  expect(engine.pids).toEqual(pids);
});

/** Closes those of everybody else to this database, and holds as many as the server has. */
async function takeEveryConnection(url: string): Promise<pg.Client[]> {
  const taken: pg.Client[] = [];
  for (;;) {
    const client = new pg.Client({ connectionString: url, application_name: 'greedy' });
    try {
      await client.connect();
    } catch (error) {
      if ((error as { readonly code?: string }).code === TOO_MANY) return taken;
      throw error;
    }
    taken.push(client);
    if (taken.length > 1) continue;
    await client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()`,
    );
  }
}

test('the API is ready again soon after both servers were away', async () => {
  await Promise.all([servers.temporal.stop(), servers.postgres.stop()]);
  await Promise.all([servers.temporal.start(), servers.postgres.start()]);

  await until(async () => (await engine.run('inner')).state === 'succeeded', 60_000);
});
