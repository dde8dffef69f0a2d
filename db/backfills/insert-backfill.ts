import { sql } from 'kysely';
import type { Hash } from '../../plan/plan.ts';
import { postgresJson, type JsonObject } from '../../runtime/json.ts';
import type { Interval } from '../../triggers/intervals.ts';
import type { Db } from '../database.ts';
import { asTable, type OnlyThose } from './choose-intervals.ts';

/** A backfill that somebody asks for. */
export interface NewBackfill {
  readonly pipelineId: number;
  readonly pipeline: string;
  readonly plan: Hash;
  /** Bounds of what was asked for, of which `intervals` may be a part. */
  readonly range: Interval;
  readonly intervals: readonly Interval[];
  readonly every: string;
  readonly timezone: string;
  readonly direction: 'asc' | 'desc';
  readonly only: OnlyThose | null;
  readonly maxParallel: number;
  /** As they were given: they may hold `${{ run.interval_start }}` and the like. */
  readonly params: JsonObject;
  readonly triggerId: number | null;
  readonly priority: number;
  readonly moveWatermark: boolean;
  readonly actor: string;
  /** Makes its workflow's id unlike that of any other database's backfill. */
  readonly salt: string;
}

/** Until the transaction ends, no other backfill of this pipeline begins or begins anew. */
export async function holdBackfills(tx: Db, pipelineId: number): Promise<void> {
  await sql`
    select pg_advisory_xact_lock(hashtext('backfill'), ${pipelineId}::int)`.execute(tx);
}

/** Its intervals are counted from 1, in the order of time. */
export async function insertBackfill(tx: Db, backfill: NewBackfill): Promise<number> {
  const { pipelineId, pipeline, plan, range, intervals, every, timezone, direction } = backfill;
  const { only, maxParallel, params, triggerId, priority, moveWatermark, actor, salt } = backfill;
  const { rows } = await sql<{ id: number }>`
    with next as (select nextval(pg_get_serial_sequence('backfill', 'id')) as id),
    backfill as (
      insert into backfill (id, pipeline_id, version_hash, workflow_id, range_start, range_end, every,
        timezone, direction, only_those, max_parallel, params, trigger_id, priority, move_watermark,
        intervals, created_by)
      overriding system value
      select id, ${pipelineId}, ${plan}, concat(${pipeline}::text, '/backfill-', id, '-', ${salt}::text),
        ${range.start}, ${range.end}, ${every}, ${timezone}, ${direction}, ${only}, ${maxParallel},
        ${postgresJson(params)}::jsonb, ${triggerId}::int, ${priority}, ${moveWatermark},
        ${intervals.length}, ${actor}
      from next returning id
    ), intervals as (
      insert into backfill_interval (backfill_id, nr, interval_start, interval_end)
      select backfill.id, i.nr, i.start, i.end from backfill, ${asTable(intervals)}
    )
    select id from backfill`.execute(tx);
  if (!rows[0]) throw new Error(`The backfill of ${pipeline} was not inserted`);
  return rows[0].id;
}
