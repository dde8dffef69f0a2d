import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Logger } from '../runtime/log.ts';
import { keepPrepared } from './prepared.ts';
import { readTime } from './read-time.ts';
import type { DB } from './schema.generated.ts';

export type Db = Kysely<DB>;

const { INT8, NUMERIC, TIMESTAMPTZ } = pg.types.builtins;
pg.types.setTypeParser(INT8, Number);
pg.types.setTypeParser(NUMERIC, Number);
pg.types.setTypeParser(TIMESTAMPTZ, readTime);

/** A server that is busy is not away: those who wait for their turn get more time than a connection. */
const TURN_MS = 15_000;
const CONNECT_MS = 5_000;
/** A process that stands still within a transaction, stopped or cut off, keeps its locks no longer than this. */
export const STANDSTILL_MS = 60_000;

/**
 * A pool of connections to Highwater's own database. Counts and ids arrive as numbers. A server that
 * answers no query within `queryMs` counts as away.
 * Without its `error` handlers a restart of Postgres would end the process.
 */
export function openDb(connectionString: string, log: Logger, max = 10, queryMs?: number): Db {
  const pool = new pg.Pool({
    connectionString,
    max,
    connectionTimeoutMillis: TURN_MS,
    Client: clientWithin(Math.min(CONNECT_MS, queryMs ?? CONNECT_MS)),
    ...(queryMs !== undefined && { query_timeout: queryMs }),
    idle_in_transaction_session_timeout: STANDSTILL_MS,
    application_name: 'highwater',
  });
  const noteLoss = (error: Error) => {
    log.warn({ err: error }, 'database connection lost');
  };
  pool.on('error', noteLoss);
  // The pool listens to idle connections only: one that a transaction holds may be lost as well.
  pool.on('connect', (client) => {
    client.on('error', noteLoss);
    keepPrepared(client);
  });
  const db = new Kysely<DB>({ dialect: new PostgresDialect({ pool }) });
  POOLS.set(db, pool);
  return db;
}

const POOLS = new WeakMap<Db, pg.Pool>();

/** Connections of a pool, and how many callers wait for one. */
export interface PoolState {
  readonly most: number;
  readonly open: number;
  readonly idle: number;
  readonly waiting: number;
}

export function poolOf(db: Db): PoolState {
  const pool = POOLS.get(db);
  if (!pool) throw new Error('Not a pool that openDb has made');
  const { totalCount: open, idleCount: idle, waitingCount: waiting } = pool;
  return { most: pool.options.max, open, idle, waiting };
}

function clientWithin(connectionTimeoutMillis: number) {
  return class extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super({ ...config, connectionTimeoutMillis });
    }
  };
}
