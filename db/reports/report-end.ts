import { sql } from 'kysely';
import { postgresJson } from '../../runtime/json.ts';
import { followUps, WAKE_WATCH } from '../runs/after-end.ts';
import { RUN_CHANNEL } from '../runs/close-run.ts';
import type { Db } from '../database.ts';
import { IS_HEARD, tellEnds } from '../events/inside-events.ts';
import { isFailing, tellFailures, type EndOfRun } from '../runs/failed-runs.ts';
import { PREPARED } from '../prepared.ts';
import { reportedMove, type ReportedWindow } from './reported-watermark.ts';
import { holdWatermarks, moveWatermark } from '../watermarks/watermarks.ts';

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
  readonly failing: boolean;
  readonly heard: boolean;
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
  await tellFailures(tx, ended.map(toEnded));
  await tellEnds(
    tx,
    ended.flatMap(({ id, heard }) => (heard ? [id] : [])),
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ends.map(({ id }) => toAnswer(byId.get(id)));
}

/**
 * What it needs to know of an execution beforehand never changes, so nothing is locked before it is written.
 * Arrays tell the planner that there are few rows: JSON would have it read whole tables. It looks into none
 * of them through a subquery, so that the plan of one call does for the next.
 */
async function endExecutions(tx: Db, ends: readonly ReportedEnd[]): Promise<Row[]> {
  const { rows } = await sql<Row>`
    ${PREPARED} with input as materialized (
      select * from unnest(
        (select ${ends.map(({ id }) => id)}::bigint[]),
        (select ${ends.map(({ endDate }) => endDate)}::timestamptz[]),
        (select ${ends.map(({ succeeded }) => succeeded)}::boolean[]),
        (select ${ends.map(({ sent }) => postgresJson(sent))}::jsonb[])
      ) as r(id, end_date, succeeded, sent)
    ), done as (
      update pipeline_execution e set
        end_date = i.end_date,
        completed_successfully = i.succeeded,
        state = case when i.succeeded then 'succeeded' else 'failed' end,
        inserts = ${sentOr('inserts')},
        updates = ${sentOr('updates')},
        soft_deletes = ${sentOr('soft_deletes')},
        total_rows = ${sentOr('total_rows')},
        execution_metadata = case when i.sent ? 'execution_metadata'
          then nullif(i.sent->'execution_metadata', 'null') else e.execution_metadata end,
        duration_seconds = ${SECONDS},
        throughput = case when ${sentOr('total_rows')} is not null and ${SECONDS} = 0 then 0
          else round(${sentOr('total_rows')} / nullif(${SECONDS}, 0), 4) end
      from input i
      where e.id = i.id and e.workflow_id is null and i.end_date > e.start_date
      returning e.id, e.pipeline_id, e.state, e.start_date, e.end_date, e.inserts, e.updates,
        e.soft_deletes
    ), told as (
      select pg_notify(${RUN_CHANNEL}, string_agg(id::text, ',')) from done having count(*) > 0
    ), written as (
      update pipeline p set
        load_lineage = false,
        last_target_insert = greatest(p.last_target_insert, w.inserted_at),
        last_target_update = greatest(p.last_target_update, w.updated_at),
        last_target_soft_delete = greatest(p.last_target_soft_delete, w.deleted_at)
      from (
        select pipeline_id,
          max(end_date) filter (where inserts > 0) as inserted_at,
          max(end_date) filter (where updates > 0) as updated_at,
          max(end_date) filter (where soft_deletes > 0) as deleted_at
        from done where state = 'succeeded' group by pipeline_id order by pipeline_id
      ) w
      where p.id = w.pipeline_id and (p.load_lineage
        or w.inserted_at > coalesce(p.last_target_insert, '-infinity')
        or w.updated_at > coalesce(p.last_target_update, '-infinity')
        or w.deleted_at > coalesce(p.last_target_soft_delete, '-infinity'))
    ), ${followUps()}
    select e.id, e.pipeline_id, e.workflow_id is null as reported, i.end_date > e.start_date as later,
      i.succeeded, e.watermark, e.next_watermark, e.pipeline_watermark, e.pipeline_next_watermark,
      ${isFailing(sql.ref('e.pipeline_id'))} as failing, ${IS_HEARD} as heard,
      ${WAKE_WATCH}, (select count(*) from told) as told
    from input i join pipeline_execution e on e.id = i.id
    order by i.end_date, e.id`.execute(tx);
  return rows;
}

const sentOr = (column: 'inserts' | 'updates' | 'soft_deletes' | 'total_rows') => sql`
  case when i.sent ? ${sql.lit(column)} then (i.sent->>${sql.lit(column)})::bigint
    else e.${sql.ref(column)} end`;

const SECONDS = sql`round(extract(epoch from i.end_date - e.start_date))`;

/** In the order in which they ended: each finds the watermark where the one before has left it. */
async function moveWatermarks(tx: Db, ended: readonly Row[]): Promise<void> {
  const moves = ended.flatMap((row) => (row.succeeded ? (reportedMove(row, ACTOR) ?? []) : []));
  if (moves.length === 0) return;
  const ids = moves.map(({ executionId }) => executionId);
  const held = await holdWatermarks(tx, ids);
  const moved = new Map<number, string | null>();
  for (const move of moves) {
    const found = held.get(move.executionId);
    if (!found) throw new Error(`Execution ${move.executionId} has gone while it was ended`);
    const value = moved.get(move.pipelineId) ?? found.value;
    const end = await moveWatermark(tx, { ...found, value }, move);
    if (end === 'moves') moved.set(move.pipelineId, move.next);
  }
}

function toEnded({ id, pipeline_id, succeeded, failing }: Row): EndOfRun {
  return { id, pipelineId: pipeline_id, state: succeeded ? 'succeeded' : 'failed', failing };
}

function toAnswer(row: Row | undefined): EndAnswer {
  if (!row) return 'unknown';
  if (!row.reported) return 'ours';
  return row.later ? 'ended' : 'too_early';
}
