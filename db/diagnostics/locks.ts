import { sql } from 'kysely';
import type { Db } from '../database.ts';

const LONG = '5 seconds';

/** Who waits for whom, what takes long, and how the server has fared since its statistics began. */
export interface LockFacts {
  readonly waiting: readonly (QueryFacts & { readonly waits_for: readonly number[] })[];
  readonly long_queries: readonly QueryFacts[];
  readonly deadlocks: number;
  readonly rolled_back: number;
  /** The share of reads that found their page in memory; null before there was any. */
  readonly cache_hits: number | null;
  readonly temporary_bytes: number;
}

export interface QueryFacts {
  readonly pid: number;
  readonly application: string;
  readonly state: string;
  /** Since the transaction began. */
  readonly seconds: number;
  /** The first 300 characters. */
  readonly query: string;
}

export async function readLocks(db: Db): Promise<LockFacts> {
  const { rows: active } = await sql<QueryFacts & { waits_for: number[]; long: boolean }>`
    select pid, coalesce(application_name, '') as application, coalesce(state, '?') as state,
      round(extract(epoch from clock_timestamp() - xact_start), 1) as seconds, left(query, 300) as query,
      pg_blocking_pids(pid) as waits_for, xact_start < clock_timestamp() - ${LONG}::interval as long
    from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null
      and backend_type = 'client backend'
    order by xact_start`.execute(db);
  const { rows: totals } = await sql<Omit<LockFacts, 'waiting' | 'long_queries'>>`
    select deadlocks, xact_rollback as rolled_back, temp_bytes as temporary_bytes,
      round(blks_hit::numeric / nullif(blks_hit + blks_read, 0), 4) as cache_hits
    from pg_stat_database where datname = current_database()`.execute(db);
  if (!totals[0]) throw new Error('The server keeps no statistics of this database');
  const withoutFlags = ({ waits_for: _waits, long: _long, ...query }: (typeof active)[number]) =>
    query;
  return {
    waiting: active
      .filter(({ waits_for }) => waits_for.length > 0)
      .map((query) => ({ ...withoutFlags(query), waits_for: query.waits_for })),
    long_queries: active.filter(({ long }) => long).map(withoutFlags),
    ...totals[0],
  };
}
