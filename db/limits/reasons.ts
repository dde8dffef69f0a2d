import { sql } from 'kysely';
import { waitsFor, type Reason } from '../../metadata/limits/admission.ts';
import type { Db } from '../database.ts';
import { poolLine, poolWaitText, type PoolWait } from './pool-line.ts';

const NAMED = 5;

interface Waiting {
  readonly id: number;
  readonly pipeline: string;
  readonly maxRuns: number;
  readonly running: number;
  readonly holders: readonly number[];
  readonly place: number;
}

/** For whom those of these runs wait that wait for a limit, and at which place: as of now. */
export async function findLimitReasons(
  db: Db,
  ids: readonly number[],
): Promise<Map<number, Reason>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<Waiting>`
    select me.id, p.name as pipeline, me.limit_runs as "maxRuns", o.running, o.holders, o.place
    from pipeline_execution me
    join pipeline p on p.id = me.pipeline_id
    cross join lateral (
      select (count(*) filter (where state = 'running'))::int as running,
        (count(*) filter (where state = 'queued' and (priority, id) < (me.priority, me.id)))::int + 1 as place,
        coalesce((array_agg(id::float8 order by id) filter (where state = 'running'))[:${sql.lit(NAMED)}],
          '{}') as holders
      from pipeline_execution e
      where e.pipeline_id = me.pipeline_id and e.limit_key = me.limit_key and e.limit_key is not null
        and (e.state = 'running' or e.state = 'queued' and e.temporal_run_id is not null)
    ) o
    where me.id = any(${ids}::bigint[]) and me.state = 'queued' and me.limit_key is not null
      and me.temporal_run_id is not null`.execute(db);
  return new Map(rows.map((row) => [row.id, waitsFor(row)]));
}

/** What a block waits for. */
export interface BlockReason {
  readonly run: number;
  readonly block: string;
  readonly reason: Reason;
}

/** For what those blocks of these runs wait that wait for slots of a pool: as of now. */
export async function listPoolReasons(db: Db, runs: readonly number[]): Promise<BlockReason[]> {
  if (runs.length === 0) return [];
  const { rows } = await sql<PoolWait & Pick<BlockReason, 'run' | 'block'>>`
    with ${poolLine(sql`exists (
      select from pool_lease own where own.pool_id = l.pool_id
        and own.execution_id = any(${runs}::bigint[]) and own.granted_at is null)`)}
    select execution_id as run, block, pool, slots, held, total, ahead, names from standing
    where execution_id = any(${runs}::bigint[]) and not holds`.execute(db);
  return rows.map(({ run, block, ...wait }) => ({
    run,
    block,
    reason: { code: 'pool', message: poolWaitText(wait), place: wait.ahead + 1 },
  }));
}
