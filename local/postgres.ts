import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { Fault, messageOf } from '../runtime/fault.ts';
import { reclaimPort } from './port.ts';
import { findPostgresBinaries } from './postgres-binaries.ts';
import { openCluster, type Cluster } from './postgres-data.ts';
import { publicFolder, settlePlace } from './postgres-place.ts';
import { findPostgresUser } from './postgres-user.ts';
import { commandOf, endProcess, identify, launch, type Running } from './process.ts';

export interface PostgresOptions {
  /** Where the data live, or a note that says where. */
  readonly dir: string;
  readonly port: number;
  readonly log: (line: string) => void;
  /** Takes what a person should know, such as where the data are; left out: `log` does. */
  readonly say?: (line: string) => void;
  /** Settings over ours, as in `postgresql.conf`. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface RunningPostgres extends Running {
  /** Of the database `highwater`. */
  readonly url: string;
  /** Of the database `warehouse`, where exporters write unless told otherwise. */
  readonly warehouseUrl: string;
}

const DATABASES = ['highwater', 'warehouse'];
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '64MB',
  synchronous_commit: 'on',
  timezone: 'UTC',
  log_timezone: 'UTC',
  jit: 'off',
};

/** Starts Postgres on 127.0.0.1. It is ready when this returns: both databases took a connection. */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const { dir, port, log, say = log } = options;
  const user = await findPostgresUser();
  const binaries = await findPostgresBinaries(user, publicFolder, say);
  const place = await settlePlace(dir, user, say);
  const cluster = await openCluster(place, binaries.initdb, user, log);
  await endOldServer(cluster.data);
  await reclaimPort(port, 'Postgres', 'HIGHWATER_POSTGRES_PORT');

  const settings = Object.entries({ ...SETTINGS, ...options.settings, port: String(port) });
  const server = await launch({
    command: binaries.postgres,
    args: ['-D', cluster.data, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    env: { LC_ALL: 'C', TZ: 'UTC' },
    ...user,
    log,
    stopSignal: 'SIGINT', // Postgres' fast shutdown
    graceMs: 15_000,
  });
  try {
    await createDatabases(server, cluster, port);
  } catch (error) {
    await server.stop();
    throw error;
  }
  const [url, warehouseUrl] = DATABASES.map((name) => urlOf(cluster, port, name)) as [
    string,
    string,
  ];
  return { ...server, url, warehouseUrl };
}

function urlOf({ password }: Cluster, port: number, database: string): string {
  return `postgres://highwater:${password}@127.0.0.1:${port}/${database}`;
}

/** A server that outlived its supervisor is stopped; the lock of a dead one must not stop us. */
async function endOldServer(data: string): Promise<void> {
  const lock = join(data, 'postmaster.pid');
  const pid = Number((await readFile(lock, 'utf8').catch(() => '')).split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 0) return;
  const [identity, command] = await Promise.all([identify(pid), commandOf(pid)]);
  if (identity !== undefined && command?.includes(data)) await endProcess(pid, identity, 'SIGINT');
  // its id now belongs to something else, which Postgres would take for a server of its own
  else if (identity !== undefined) await rm(lock, { force: true });
}

async function createDatabases(server: Running, cluster: Cluster, port: number): Promise<void> {
  const client = await connect(server, urlOf(cluster, port, 'postgres'));
  try {
    const { rows } = await client.query<{ datname: string }>('select datname from pg_database');
    const present = rows.map(({ datname }) => datname);
    for (const name of DATABASES.filter((wanted) => !present.includes(wanted))) {
      await client.query(`create database ${name}`);
    }
  } finally {
    await client.end();
  }
}

async function connect(server: Running, connectionString: string): Promise<pg.Client> {
  let ended: string | undefined;
  void server.exited.then((how) => (ended = how));
  const deadline = Date.now() + 60_000; // recovery after a crash takes its time
  for (;;) {
    const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      if (ended !== undefined || Date.now() > deadline) {
        const how = ended === undefined ? messageOf(error) : `it ended with ${ended}; see its log`;
        throw new Fault('postgres.failed', `Postgres did not start: ${how}`, { cause: error });
      }
    }
    await wait(50);
  }
}
