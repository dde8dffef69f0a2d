import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDb, type Db } from '../../db/database.ts';
import { migrate } from '../../db/migrate.ts';
import { createLog } from '../../runtime/log.ts';
import { createProject } from '../support/project.ts';
import { startApi, startWorker } from '../support/processes.ts';
import { until } from '../support/until.ts';
import { startOwnServers, type OwnServers } from './own-servers.ts';

const EVERY_MS = 20_000;
/** Temporal makes up for what it missed within this, whatever it is told. */
const WINDOW_MS = 10_000;
const MISSED = 3;

const pipeline = (catchup: string) => `
blocks: { numbers: { kind: loader, file: numbers.sql } }
triggers: { often: { schedule: { interval: ${EVERY_MS / 1000}s, catchup: ${catchup} } } }
`;

let servers: OwnServers;
let db: Db;

beforeAll(async () => {
  servers = await startOwnServers(
    await createProject({
      'blocks/numbers.sql': 'select 1 as i',
      'pipelines/none.yaml': pipeline('none'),
      'pipelines/latest.yaml': pipeline('latest'),
      'pipelines/latest_then_one.yaml': pipeline('latest, overlap: buffer_one'),
      'pipelines/latest_then_all.yaml': pipeline('latest, overlap: buffer_all'),
      'pipelines/latest_beside.yaml': pipeline('latest, overlap: allow_all'),
      'pipelines/everything.yaml': pipeline('all'),
    }),
  );
  db = openDb(servers.around.databaseUrl, createLog('test', 'silent'), 2);
  await migrate(db);
});
afterAll(async () => {
  await db.destroy();
  await servers.stop();
});

/** The fire times of the runs that succeeded, in milliseconds. */
async function fired(name: string): Promise<number[]> {
  const rows = await db
    .selectFrom('pipeline_execution as e')
    .innerJoin('pipeline as p', 'p.id', 'e.pipeline_id')
    .select('e.scheduled_at')
    .where('p.name', '=', name)
    .where('e.state', '=', 'succeeded')
    .orderBy('e.scheduled_at')
    .execute();
  return rows.map(({ scheduled_at }) => Number(scheduled_at));
}

const LATEST = ['latest', 'latest_then_one', 'latest_then_all', 'latest_beside'];
const PIPELINES = ['none', ...LATEST, 'everything'];

test('a stack that was down over three fire times makes up for none, the latest or all of them', async () => {
  const { around, temporal } = servers;
  const start = async () => Promise.all([startApi(around), startWorker(around)]);
  let running = await start();
  const first = await until(async () => {
    const counts = await Promise.all(PIPELINES.map(fired));
    return counts.every(({ length }) => length > 0) ? counts : undefined;
  }, 60_000);
  await Promise.all(running.map((each) => each.stop()));
  await temporal.stop();
  const stoppedAt = Date.now();

  const before = Math.floor(stoppedAt / EVERY_MS) * EVERY_MS;
  const missed = Array.from({ length: MISSED }, (_, at) => before + (at + 1) * EVERY_MS);
  const [newest = 0] = missed.slice(-1);
  await until(() => Date.now() > newest + WINDOW_MS + 1_000, 2 * MISSED * EVERY_MS);
  await temporal.start();
  running = await start();

  const made = async (name: string) => (await fired(name)).filter((time) => missed.includes(time));
  await until(async () => (await made('everything')).length === MISSED, 60_000);
  for (const name of LATEST) await until(async () => (await made(name)).length > 0, 90_000);
  // What makes up for missed ones may overlap the first that is not missed, and have it skipped.
  const after = (Math.floor(Date.now() / EVERY_MS) + 1) * EVERY_MS;
  await until(
    async () => (await Promise.all(PIPELINES.map(fired))).every((all) => all.includes(after)),
    90_000,
  );
  expect(await made('none')).toEqual([]);
  for (const name of LATEST) expect([name, await made(name)]).toEqual([name, [newest]]);
  expect(await made('everything')).toEqual(missed);
  for (const name of PIPELINES) {
    const all = await fired(name);
    expect(new Set(all).size, `${name} ran twice for one time`).toBe(all.length);
  }
  expect(first).toHaveLength(PIPELINES.length);
  await Promise.all(running.map((each) => each.stop()));
});
