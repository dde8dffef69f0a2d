import { sql } from 'kysely';
import type { Reason } from '../../metadata/limits/admission.ts';
import type { RunState } from '../../plan/run-state.ts';
import type { RunError } from '../../workflows/activities.ts';
import type { Db } from '../database.ts';

/** A run of a pipeline, as far as it may explain a lateness. */
export interface PastRun {
  readonly id: number;
  readonly state: RunState;
  readonly requestedAt: Date;
  readonly dispatchedAt: Date | null;
  readonly start: Date | null;
  readonly end: Date | null;
  readonly error: RunError | null;
  /** Why it waits, or why it was not begun. */
  readonly reason: Reason | null;
  readonly isReported: boolean;
  readonly totalRows: number | null;
}

/** A pipeline's runs, the newest first. */
export async function listPastRuns(db: Db, pipelineId: number, limit: number): Promise<PastRun[]> {
  const { rows } = await sql<PastRun>`
    select id, state, requested_at as "requestedAt", dispatched_at as "dispatchedAt",
      start_date as start, end_date as "end", error, reason, workflow_id is null as "isReported",
      total_rows as "totalRows"
    from pipeline_execution
    where pipeline_id = ${pipelineId}
    order by id desc limit ${limit}`.execute(db);
  return rows;
}

/** By block: how long its last attempt took in each of these runs, in milliseconds. */
export async function listBlockTimes(
  db: Db,
  runs: readonly number[],
): Promise<Map<string, number[]>> {
  const { rows } = await sql<{ block: string; times: number[] }>`
    select block, array_agg(ms) as times
    from (
      select distinct on (execution_id, block) block,
        (extract(epoch from finished_at - started_at) * 1000)::float8 as ms
      from block_run
      where execution_id = any(${runs}::bigint[]) and state = 'succeeded' and started_at is not null
      order by execution_id, block, attempt desc
    ) as last
    group by block`.execute(db);
  return new Map(rows.map(({ block, times }) => [block, times]));
}

/** A run that ended well. */
export interface Success {
  readonly id: number;
  readonly start: Date;
  readonly end: Date;
}

/** A pipeline's newest success, however many runs came after it. */
export async function findLastSuccess(db: Db, pipelineId: number): Promise<Success | undefined> {
  const { rows } = await sql<Success>`
    select id, start_date as start, coalesce(end_date, start_date) as "end"
    from pipeline_execution
    where pipeline_id = ${pipelineId} and state = 'succeeded' and start_date is not null
    order by id desc limit 1`.execute(db);
  return rows[0];
}

export interface Ends {
  readonly count: number;
  /** When the first of them was. */
  readonly first: Date | null;
}

/**
 * How many runs of a pipeline have ended in one of these states, later than a run and than a moment, which
 * a `Date` holds to the millisecond.
 */
export async function countEnds(
  db: Db,
  pipelineId: number,
  states: readonly RunState[],
  after: { readonly run?: number | undefined; readonly moment?: Date | null },
): Promise<Ends> {
  const { rows } = await sql<Ends>`
    select count(*)::int as count, min(end_date) as first
    from pipeline_execution
    where pipeline_id = ${pipelineId} and state = any(${states}::text[])
      and id > ${after.run ?? 0} and date_trunc('milliseconds', end_date)
        > coalesce(${after.moment ?? null}::timestamptz, '-infinity')`.execute(db);
  return rows[0] ?? { count: 0, first: null };
}

/** The pipeline of a run. */
export async function findPipelineOf(db: Db, executionId: number): Promise<number | undefined> {
  const row = await db
    .selectFrom('pipeline_execution')
    .select('pipeline_id')
    .where('id', '=', executionId)
    .executeTakeFirst();
  return row?.pipeline_id;
}

export interface Gap {
  readonly since: Date;
  readonly until: Date;
}

/** Times after this moment in which nobody checked deadlines, the newest first. */
export async function listGaps(db: Db, after: Date, limit: number): Promise<Gap[]> {
  return db
    .selectFrom('watch_gap')
    .select(['since', 'until'])
    .where('until', '>', after)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

/** When deadlines were last checked; null: never. */
export async function readLastCheck(db: Db): Promise<Date | null> {
  const row = await db.selectFrom('watch').select('checked_at').executeTakeFirst();
  return row?.checked_at ?? null;
}
