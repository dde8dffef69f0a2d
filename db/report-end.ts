import { sql } from 'kysely';
import type { WatermarkType } from '../metadata/watermark-order.ts';
import { postgresJson } from '../runtime/json.ts';
import { afterEnd, type EndedExecution } from './after-end.ts';
import { RUN_CHANNEL } from './close-run.ts';
import type { Db } from './database.ts';
import { isFailing } from './failed-runs.ts';
import { reportedMove, type ReportedWindow } from './reported-watermark.ts';
import { moveWatermark } from './watermarks.ts';

/** An execution that somebody else runs, as it ends. What `sent` leaves out keeps its value. */
export interface ReportedEnd {
  readonly id: number;
  /** ISO 8601. */
  readonly endDate: string;
  readonly succeeded: boolean;
  /** `inserts`, `updates`, `soft_deletes`, `total_rows`, `execution_metadata`. */
  readonly sent: Readonly<Record<string, unknown>>;
}

const ACTOR = 'reported';

export type EndAnswer = 'ended' | 'unknown' | 'ours' | 'too_early';

interface Row extends ReportedWindow {
  readonly reported: boolean;
  readonly later: boolean;
  readonly succeeded: boolean;
  readonly start: Date;
  readonly end: Date;
  readonly value: string | null;
  readonly type: WatermarkType | null;
  readonly setSince: boolean;
  readonly failing: boolean;
}

/**
 * Ends each execution, writes down what it did to its pipeline, moves the watermark to where it came, and
 * asks for the checks that follow an end: all in one transaction. No id may come twice in one call. Ending
 * again is harmless: what was sent last counts, times of writes and the watermark never move back by it.
 */
export async function reportEnds(db: Db, ends: readonly ReportedEnd[]): Promise<EndAnswer[]> {
  return db.transaction().execute((tx) => reportEndsIn(tx, ends));
}

/** The same in the caller's transaction. */
export async function reportEndsIn(tx: Db, ends: readonly ReportedEnd[]): Promise<EndAnswer[]> {
  const rows = await endExecutions(tx, ends);
  const ended = rows.filter(({ reported, later }) => reported && later);
  await moveWatermarks(tx, ended);
  await afterEnd(tx, ended.map(toEnded));
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ends.map(({ id }) => toAnswer(byId.get(id)));
}

/**
 * Rows of executions and of pipelines are held in the order of their ids: nobody waits in a circle. Arrays
 * tell the planner how few rows there are: JSON would have it read whole tables.
 */
async function endExecutions(tx: Db, ends: readonly ReportedEnd[]): Promise<Row[]> {
  const { rows } = await sql<Row>`
    with input as materialized (
      select * from unnest(
        ${ends.map(({ id }) => id)}::bigint[],
        ${ends.map(({ endDate }) => endDate)}::timestamptz[],
        ${ends.map(({ succeeded }) => succeeded)}::boolean[],
        ${ends.map(({ sent }) => postgresJson(sent))}::jsonb[]
      ) as r(id, end_date, succeeded, sent)
    ), found as materialized (
      select e.id, e.pipeline_id, e.start_date, e.requested_at, e.workflow_id is null as reported,
        i.end_date > e.start_date as later, i.end_date, i.succeeded, i.sent,
        round(extract(epoch from i.end_date - e.start_date)) as seconds,
        case when i.sent ? 'total_rows' then (i.sent->>'total_rows')::bigint
          else e.total_rows end as total,
        e.watermark, e.next_watermark, e.pipeline_watermark, e.pipeline_next_watermark
      from pipeline_execution e join input i on i.id = e.id
      order by e.id for no key update of e
    ), ended as (
      update pipeline_execution e set
        end_date = f.end_date,
        completed_successfully = f.succeeded,
        state = case when f.succeeded then 'succeeded' else 'failed' end,
        inserts = ${sentOr('inserts')},
        updates = ${sentOr('updates')},
        soft_deletes = ${sentOr('soft_deletes')},
        total_rows = f.total,
        execution_metadata = case when f.sent ? 'execution_metadata'
          then nullif(f.sent->'execution_metadata', 'null') else e.execution_metadata end,
        duration_seconds = f.seconds,
        throughput = case when f.total is null then null when f.seconds = 0 then 0
          else round(f.total / f.seconds, 4) end
      from found f
      where e.id = f.id and f.reported and f.later
      returning e.id, e.pipeline_id, f.succeeded, e.end_date, e.inserts, e.updates, e.soft_deletes,
        coalesce(f.next_watermark, f.pipeline_next_watermark) as next,
        pg_notify(${RUN_CHANNEL}, e.id::text)
    ), wrote as materialized (
      select pipeline_id,
        max(end_date) filter (where inserts > 0) as inserted_at,
        max(end_date) filter (where updates > 0) as updated_at,
        max(end_date) filter (where soft_deletes > 0) as deleted_at,
        count(next) > 0 as goes_on
      from ended where succeeded group by pipeline_id
    ), held as materialized (
      select p.id, p.watermark, p.watermark_type, p.watermark_set_at, w.*
      from pipeline p join wrote w on w.pipeline_id = p.id
      where p.load_lineage or w.goes_on or w.inserted_at is not null or w.updated_at is not null
        or w.deleted_at is not null
      order by p.id for no key update of p
    ), written as (
      update pipeline p set
        load_lineage = false,
        last_target_insert = greatest(p.last_target_insert, h.inserted_at),
        last_target_update = greatest(p.last_target_update, h.updated_at),
        last_target_soft_delete = greatest(p.last_target_soft_delete, h.deleted_at)
      from held h
      where p.id = h.id and (p.load_lineage
        or h.inserted_at > coalesce(p.last_target_insert, '-infinity')
        or h.updated_at > coalesce(p.last_target_update, '-infinity')
        or h.deleted_at > coalesce(p.last_target_soft_delete, '-infinity'))
    )
    select f.id, f.pipeline_id, f.reported, f.later, f.succeeded, f.start_date as start,
      f.end_date as "end", f.watermark, f.next_watermark, f.pipeline_watermark,
      f.pipeline_next_watermark, h.watermark as value, h.watermark_type as type,
      coalesce(h.watermark_set_at > f.requested_at, false) as "setSince",
      ${isFailing(sql.ref('f.pipeline_id'))} as failing
    from found f left join held h on h.id = f.pipeline_id
    order by f.end_date, f.id`.execute(tx);
  return rows;
}

const sentOr = (column: 'inserts' | 'updates' | 'soft_deletes') => sql`
  case when f.sent ? ${sql.lit(column)} then (f.sent->>${sql.lit(column)})::bigint
    else e.${sql.ref(column)} end`;

/** In the order in which they ended: each finds the watermark where the one before has left it. */
async function moveWatermarks(tx: Db, ended: readonly Row[]): Promise<void> {
  const moved = new Map<number, string | null>();
  for (const row of ended.filter(({ succeeded }) => succeeded)) {
    const move = reportedMove(row, ACTOR);
    if (!move) continue;
    const { value, type, setSince, pipeline_id } = row;
    const held = { value: moved.get(pipeline_id) ?? value, type, setSince };
    if ((await moveWatermark(tx, held, move)) === 'moves') moved.set(pipeline_id, move.next);
  }
}

function toEnded({ id, pipeline_id, succeeded, start, end, failing }: Row): EndedExecution {
  const state = succeeded ? 'succeeded' : 'failed';
  return { id, pipelineId: pipeline_id, state, start, end, failing };
}

function toAnswer(row: Row | undefined): EndAnswer {
  if (!row) return 'unknown';
  if (!row.reported) return 'ours';
  return row.later ? 'ended' : 'too_early';
}
