import { Client, Connection } from '@temporalio/client';
import { sql } from 'kysely';
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { idPrefix } from '../../api/triggers/schedule-id.ts';
import { LOCKS } from '../../db/locks.ts';
import { openDb, type Db } from '../../db/database.ts';
import { installationId } from '../../db/triggers/installation.ts';
import { createLog } from '../../runtime/log.ts';
import { startHighwater, type Ended, type Running } from '../support/highwater.ts';
import {
  createSurroundings,
  startApi,
  type Surroundings,
  type TestProcess,
} from '../support/processes.ts';
import { createProject, writeFiles } from '../support/project.ts';
import { until } from '../support/until.ts';

const NAMES = Array.from({ length: 6 }, (_, number) => `t${number}`);
const withSchedules = (names: readonly string[]) => `
blocks: { one: { kind: loader, file: one.sql } }
triggers: { ${names.map((name) => `${name}: { schedule: { interval: 1d } }`).join(', ')} }
`;

let around: Surroundings;
let apis: readonly (TestProcess & { readonly url: string })[];
let db: Db;
let connection: Connection;

/** Two API processes for one project. */
beforeAll(async () => {
  around = await createSurroundings(await createProject({ 'blocks/one.sql': 'select 1 as one' }));
  const one = await startApi(around);
  apis = [one, await startApi(around)];
  db = openDb(around.databaseUrl, createLog('test', 'silent'), 4);
  connection = await Connection.connect({ address: around.temporal });
});
afterAll(async () => {
  await Promise.all(apis.map((api) => api.stop()));
  await Promise.all([db.destroy(), connection.close()]);
  await Promise.all([around.home, around.project].map((path) => rm(path, { recursive: true })));
});

const deploy = ({ url }: { readonly url: string }): Running =>
  startHighwater(['deploy'], around.project, { HIGHWATER_API: url, NO_COLOR: '1' });

/**
 * Has a file name these triggers, and deploys by every API at once: none changes a schedule, unasked either, before
 * each command has shown what it will do. The APIs may have registered the file by then.
 */
async function deployTogether(names: readonly string[]): Promise<Ended[]> {
  const running = await db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${LOCKS.deployments})`.execute(tx);
    await writeFiles(around.project, { 'pipelines/daily.yaml': withSchedules(names) });
    const all = apis.map(deploy);
    await until(() => all.every(({ out }) => out().includes(' different, ')));
    return all;
  });
  return Promise.all(running.map(({ ended }) => ended));
}

/** The ids of our schedules in Temporal, without what they have in common. */
async function schedules(): Promise<string[]> {
  const prefix = idPrefix(await installationId(db));
  const found: string[] = [];
  for await (const { scheduleId } of new Client({ connection }).schedule.list()) {
    if (scheduleId.startsWith(prefix)) found.push(scheduleId.slice(prefix.length));
  }
  return found.sort();
}

async function changes(): Promise<string[]> {
  const rows = await db
    .selectFrom('trigger_change')
    .select(['pipeline', 'trigger', 'action'])
    .execute();
  return rows.map(({ pipeline, trigger, action }) => `${pipeline}/${trigger} ${action}`).sort();
}

test('two deployments by two processes end with each schedule once, and each change on record once', async () => {
  const created = await deployTogether(NAMES);

  for (const { code, out } of created) {
    expect(code).toBe(0);
    expect(out).toMatch(/^\+ create +schedule +daily\/t0$/m);
    expect(out).toMatch(/\nDeployed\n$/);
  }
  await until(
    async () => (await schedules()).join() === NAMES.map((name) => `daily/${name}`).join(),
  );
  expect(await changes()).toEqual(NAMES.map((name) => `daily/${name} created`));

  const [gone = '', ...left] = NAMES;
  const removed = await deployTogether(left);

  expect(removed.map(({ code }) => code)).toEqual([0, 0]);
  await until(
    async () => (await schedules()).join() === left.map((name) => `daily/${name}`).join(),
  );
  const all = await until(async () => {
    const told = await changes();
    return told.includes(`daily/${gone} deleted`) ? told : undefined;
  });
  expect(all).toEqual(
    [
      ...NAMES.map((name) => `daily/${name} created`),
      ...['deleted', 'removed'].map((action) => `daily/${gone} ${action}`),
    ].sort(),
  );
});
