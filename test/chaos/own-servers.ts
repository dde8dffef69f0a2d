import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimPort } from '../../local/port.ts';
import { startPostgres } from '../../local/postgres.ts';
import { findTemporalBinary } from '../../local/temporal-binary.ts';
import { startTemporal } from '../../local/temporal.ts';
import { readConfig } from '../../runtime/config.ts';
import type { Surroundings } from '../support/processes.ts';
import { newTaskQueue } from '../support/servers.ts';

/** A server of one test file, which keeps its port and its data when it is stopped and started. */
export interface OwnServer {
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface OwnServers {
  readonly around: Surroundings;
  readonly postgres: OwnServer;
  readonly temporal: OwnServer;
  stop(): Promise<void>;
}

export async function startOwnServers(project: string): Promise<OwnServers> {
  const folder = await mkdtemp(join(tmpdir(), 'highwater-servers-'));
  await chmod(folder, 0o711); // Postgres' own user has to get in
  const { temporalCliPath: path, cache } = readConfig(process.env);
  const { env } = process;
  const log = () => undefined;
  const binary = await findTemporalBinary({ path, cache, env, log });
  const [postgresPort, port, uiPort] = [await freePort(), await freePort(), await freePort()];
  const dbFile = join(folder, 'temporal', 'temporal.db');
  const dir = join(folder, 'postgres');
  const postgres = restartable(() => startPostgres({ dir, port: postgresPort, log }));
  const temporal = restartable(() =>
    startTemporal({ binary, dbFile, port, uiPort, namespace: 'default', env, log }),
  );
  const [{ url, warehouseUrl }, { address }] = await Promise.all([postgres.first, temporal.first]);
  return {
    around: {
      ...{ project, databaseUrl: url, warehouseUrl, temporal: address, taskQueue: newTaskQueue() },
      home: await mkdtemp(join(tmpdir(), 'highwater-home-')),
    },
    postgres,
    temporal,
    async stop() {
      await Promise.all([postgres.stop(), temporal.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function restartable<Running extends OwnServerProcess>(start: () => Promise<Running>) {
  const first = start();
  let running: Promise<OwnServerProcess> = first;
  return {
    first,
    async start() {
      running = start();
      await running;
    },
    stop: async () => (await running).stop(),
  };
}

interface OwnServerProcess {
  stop(): Promise<void>;
}

const freePort = () => claimPort(0, 'a test', 'none');
