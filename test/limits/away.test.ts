import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PoolList } from '../../api/contract/pool.ts';
import { openDb } from '../../db/database.ts';
import { migrate } from '../../db/migrate.ts';
import { createLog } from '../../runtime/log.ts';
import { startOwnServers, type OwnServers } from '../chaos/own-servers.ts';
import { startEngineAround, type Engine } from '../support/engine.ts';
import { createProject } from '../support/project.ts';
import { until } from '../support/until.ts';
import { createGates, GATE, GATE_PARAMS } from './gate.ts';

/** A little longer than a lease lives. */
const AWAY_MS = 21_000;

let servers: OwnServers;
let engine: Engine;

beforeAll(async () => {
  const project = await createProject({
    'highwater.yaml': 'name: test\npools: { pen: { slots: 1 } }\n',
    'blocks/gate.ts': GATE,
    'pipelines/writing.yaml': `${GATE_PARAMS}blocks:\n  hold: { kind: custom, file: gate.ts, pool: pen }\n`,
  });
  servers = await startOwnServers(project);
  const db = openDb(servers.around.databaseUrl, createLog('test', 'silent'), 1);
  await migrate(db);
  await db.destroy();
  engine = await startEngineAround(servers.around);
});
afterAll(async () => {
  await engine.stop();
  await servers.stop();
});

async function pen() {
  const response = await fetch(`${engine.url}/api/pools`);
  return PoolList.parse(await response.json()).pools[0];
}

test('when Postgres is away for longer than a lease lives, the next one gets the slot, and the holder still ends well', async () => {
  const gates = await createGates();
  const start = (name: string) =>
    engine.start('writing', { params: { folder: gates.folder, name } });
  const holder = await start('holder');
  await gates.begun('holder');
  const next = await start('next');
  await until(async () => (await engine.show(next.id)).blocks[0]?.reason?.code === 'pool');

  await servers.postgres.stop();
  await wait(AWAY_MS);
  expect(gates.hasBegun('next')).toBe(false);
  await servers.postgres.start();

  await gates.begun('next');
  expect((await pen())?.holders).toMatchObject([{ run: next.id }]);
  await gates.letGo('holder');
  expect((await engine.ended(holder.id)).state).toBe('succeeded');
  expect((await pen())?.holders).toMatchObject([{ run: next.id }]);
  await gates.letGo('next');
  expect((await engine.ended(next.id)).state).toBe('succeeded');
  expect(await pen()).toMatchObject({ used: 0, waiting: [] });
});
