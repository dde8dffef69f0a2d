import { Client, Connection } from '@temporalio/client';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openDb, type Db } from '../../db/database.ts';
import { readStack } from '../../local/stack-file.ts';
import { createLog } from '../../runtime/log.ts';
import { packageRoot } from '../../runtime/paths.ts';
import { createProject } from '../support/project.ts';
import { FILES } from './files.ts';

/** `highwater dev` with a home and a folder for temporary files that nothing else uses. */
export interface SoakStack {
  readonly home: string;
  readonly api: string;
  readonly db: Db;
  readonly warehouse: Db;
  readonly temporal: Client;
  /** Of what `highwater dev` keeps running, and of itself. */
  pids(): Promise<Readonly<Record<'supervisor' | 'api' | 'worker', number>>>;
  /** Names of temporary files and folders that are there. */
  temporaryFiles(): Promise<string[]>;
  stop(): Promise<void>;
}

const BIN = join(packageRoot, 'bin', 'highwater.js');
const FREE_PORTS = {
  HIGHWATER_PORT: '0',
  HIGHWATER_POSTGRES_PORT: '0',
  HIGHWATER_TEMPORAL_PORT: '0',
  HIGHWATER_TEMPORAL_UI_PORT: '0',
};

export async function startSoakStack(): Promise<SoakStack> {
  const project = await createProject(FILES);
  const [home, temporary] = [await mkdtemp('/var/tmp/highwater-soak-'), await mkdtemp('/var/tmp/')];
  const env = { ...process.env, ...FREE_PORTS, HIGHWATER_HOME: home, TMPDIR: temporary };
  const highwater = (...args: string[]) =>
    promisify(execFile)(process.execPath, [BIN, ...args, '--project', project], { env });
  await highwater('dev', '--detach');
  const { api, databaseUrl, temporal } = await stackOf(home);
  const log = createLog('soak', 'silent');
  const warehouseUrl = new URL(databaseUrl);
  warehouseUrl.pathname = 'warehouse';
  const [db, warehouse] = [openDb(databaseUrl, log, 2), openDb(warehouseUrl.href, log, 1)];
  const connection = await Connection.connect({ address: temporal });
  return {
    ...{ home, api, db, warehouse, temporal: new Client({ connection }) },
    async pids() {
      const { supervisor, components } = await stackOf(home);
      const pidOf = (name: string) =>
        components.find((component) => component.name === name)?.process?.pid ?? 0;
      return { supervisor: supervisor.pid, api: pidOf('api'), worker: pidOf('worker') };
    },
    temporaryFiles: () => readdir(temporary),
    async stop() {
      await Promise.all([db.destroy(), warehouse.destroy(), connection.close()]);
      await highwater('stop');
      await Promise.all([project, temporary].map((path) => rm(path, { recursive: true })));
    },
  };
}

async function stackOf(home: string) {
  const stack = await readStack(home);
  if (!stack) throw new Error(`${home} holds no stack any more`);
  return stack;
}
