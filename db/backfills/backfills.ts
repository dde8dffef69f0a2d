import { sql } from 'kysely';
import type { BackfillState, IntervalState } from '../../plan/backfill-state.ts';
import { Fault } from '../../runtime/fault.ts';
import type { JsonObject } from '../../runtime/json.ts';
import type { RunError } from '../../workflows/activities.ts';
import type { Db } from '../database.ts';
import type { OnlyThose } from './choose-intervals.ts';

export interface BackfillRecord {
  readonly id: number;
  readonly pipeline: string;
  readonly pipelineId: number;
  readonly plan: string;
  readonly workflowId: string;
  readonly state: BackfillState;
  readonly from: Date;
  readonly to: Date;
  readonly every: string;
  readonly timezone: string;
  readonly order: 'asc' | 'desc';
  readonly only: OnlyThose | null;
  readonly maxParallel: number;
  readonly params: JsonObject;
  readonly trigger: string | null;
  readonly moveWatermark: boolean;
  readonly intervals: number;
  readonly actor: string;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
  /** Whether its workflow knows of the last change. */
  readonly seen: boolean;
  /** How many intervals are in each state. */
  readonly counts: Readonly<Partial<Record<IntervalState, number>>>;
}

export interface BackfillFilter {
  readonly pipeline?: string | undefined;
  readonly states?: readonly BackfillState[] | undefined;
  /** Only those that were asked for before this one. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Fails with `backfill.not_found`. */
export async function getBackfill(db: Db, id: number): Promise<BackfillRecord> {
  const { rows } = await sql<BackfillRecord>`${backfills()} where b.id = ${id}`.execute(db);
  if (!rows[0]) throw new Fault('backfill.not_found', `No backfill ${id}`);
  return rows[0];
}

/** The newest first. */
export async function listBackfills(db: Db, filter: BackfillFilter): Promise<BackfillRecord[]> {
  const { pipeline = null, states = null, before = null, limit } = filter;
  const { rows } = await sql<BackfillRecord>`${backfills()}
    where (${pipeline}::text is null or p.name = ${pipeline})
      and (${states}::text[] is null or b.state = any(${states}))
      and (${before}::int is null or b.id < ${before})
    order by b.id desc limit ${limit}`.execute(db);
  return rows;
}

function backfills() {
  return sql`
    select b.id, p.name as pipeline, b.pipeline_id as "pipelineId", b.version_hash as plan,
      b.workflow_id as "workflowId", b.state, b.range_start as from, b.range_end as to, b.every,
      b.timezone, b.direction as order, b.only_those as only, b.max_parallel as "maxParallel",
      b.params, t.name as trigger, b.move_watermark as "moveWatermark", b.intervals,
      b.created_by as actor, b.created_at as "createdAt", b.ended_at as "endedAt",
      coalesce(b.seen_at >= b.changed_at, false) as seen, c.counts
    from backfill b join pipeline p on p.id = b.pipeline_id
    left join trigger t on t.id = b.trigger_id
    cross join lateral (
      select coalesce(jsonb_object_agg(state, count), '{}') as counts from (
        select state, count(*) as count from backfill_interval
        where backfill_id = b.id group by state
      ) s
    ) c`;
}

export interface IntervalRecord {
  readonly nr: number;
  readonly start: Date;
  readonly end: Date;
  readonly state: IntervalState;
  readonly attempts: number;
  readonly run: number | null;
  readonly error: RunError | null;
}

export interface IntervalFilter {
  readonly states?: readonly IntervalState[] | undefined;
  /** Only those with a higher number. */
  readonly after: number;
  readonly limit: number;
}

/** In the order of time. */
export async function listIntervals(
  db: Db,
  id: number,
  { states, after, limit }: IntervalFilter,
): Promise<IntervalRecord[]> {
  const wanted = states ?? null;
  const { rows } = await sql<IntervalRecord>`
    select i.nr, i.interval_start as start, i.interval_end as "end", i.state, i.attempts,
      i.execution_id as run, coalesce(e.error, i.error) as error
    from backfill_interval i left join pipeline_execution e on e.id = i.execution_id
    where i.backfill_id = ${id} and i.nr > ${after}
      and (${wanted}::text[] is null or i.state = any(${wanted}))
    order by i.nr limit ${limit}`.execute(db);
  return rows;
}

/** Whether a backfill has ended, and whether its workflow knows of the last change. */
export async function findProgress(
  db: Db,
  id: number,
): Promise<{ readonly ended: boolean; readonly seen: boolean }> {
  const { rows } = await sql<{ ended: boolean; seen: boolean }>`
    select ended_at is not null as ended, coalesce(seen_at >= changed_at, false) as seen
    from backfill where id = ${id}`.execute(db);
  if (!rows[0]) throw new Fault('backfill.not_found', `No backfill ${id}`);
  return rows[0];
}
