import { sql } from 'kysely';
import { poolOf, type Db, type PoolState } from '../database.ts';

const PINGS = 5;

/** How this process reaches the server, and what the server still has room for. */
export interface ConnectionFacts {
  readonly version: string;
  readonly started_at: Date;
  /** The middle and the slowest of a few queries that do nothing, in ms. */
  readonly latency_ms: { readonly median: number; readonly slowest: number };
  /** Of this process alone. */
  readonly pool: PoolState;
  readonly max_connections: number;
  /** Kept back for the administrator. */
  readonly reserved: number;
  readonly used: number;
  readonly clients: readonly {
    readonly application: string;
    readonly state: string;
    readonly connections: number;
  }[];
}

export async function readConnections(db: Db): Promise<ConnectionFacts> {
  const latency_ms = await ping(db);
  const { rows: server } = await sql<Omit<ConnectionFacts, 'latency_ms' | 'pool' | 'clients'>>`
    select current_setting('server_version') as version, pg_postmaster_start_time() as started_at,
      current_setting('max_connections')::int as max_connections,
      current_setting('superuser_reserved_connections')::int as reserved,
      (select count(*) from pg_stat_activity where backend_type = 'client backend') as used`.execute(
    db,
  );
  const { rows: clients } = await sql<ConnectionFacts['clients'][number]>`
    select coalesce(nullif(application_name, ''), '?') as application, coalesce(state, '?') as state,
      count(*) as connections
    from pg_stat_activity where backend_type = 'client backend'
    group by 1, 2 order by 3 desc, 1, 2`.execute(db);
  if (!server[0]) throw new Error('The server said nothing of itself');
  return { ...server[0], latency_ms, pool: poolOf(db), clients };
}

async function ping(db: Db): Promise<ConnectionFacts['latency_ms']> {
  const times: number[] = [];
  for (let n = 0; n < PINGS; n += 1) {
    const began = performance.now();
    await sql`select 1`.execute(db);
    times.push(Math.round((performance.now() - began) * 100) / 100);
  }
  times.sort((a, b) => a - b);
  return { median: times[Math.floor(PINGS / 2)] ?? 0, slowest: times.at(-1) ?? 0 };
}
