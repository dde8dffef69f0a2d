import { sql, type RawBuilder } from 'kysely';
import type { RunState } from '../../plan/run-state.ts';
import { postgresJson } from '../../runtime/json.ts';
import { followUps, WAKE_WATCH } from '../runs/after-end.ts';
import { RUN_CHANNEL } from '../runs/close-run.ts';
import type { Db } from '../database.ts';
import { IS_HEARD, tellEnds } from '../events/inside-events.ts';
import { isFailing, tellFailures, type EndOfRun } from '../runs/failed-runs.ts';
import { PREPARED } from '../prepared.ts';
import { reportedMove, type ReportedWindow } from './reported-watermark.ts';
import { holdWatermarks, moveWatermark } from '../watermarks/watermarks.ts';

export type ReportedState = Extract<RunState, 'succeeded' | 'failed' | 'cancelled'>;

/** An execution that somebody else runs, as it ends. What `sent` leaves out keeps its value. */
export interface ReportedEnd {
  readonly id: number;
  /** ISO 8601. */
  readonly endDate: string;
  readonly state: ReportedState;
  /** `inserts`, `updates`, `soft_deletes`, `total_rows`, `execution_metadata`. */
  readonly sent: Readonly<Record<string, unknown>>;
}

const ACTOR = 'reported';

export type EndAnswer = 'ended' | 'unknown' | 'ours' | 'too_early';

interface Row extends ReportedWindow {
  readonly reported: boolean;
  readonly later: boolean;
  readonly state: ReportedState;
  readonly failing: boolean;
  readonly heard: boolean;
  readonly ended: boolean;
}

/**
 * Ends each execution, writes down what it did to its pipeline, moves the watermark to where it came, and
 * asks for the checks that follow an end: each end in one transaction. No id may come twice in one call.
 * Ending again is harmless: what was sent last counts, times of writes and the watermark never move back by it.
 */
export async function reportEnds(db: Db, ends: readonly ReportedEnd[]): Promise<EndAnswer[]> {
  // Who hears of failures, and of successes after them, depends on the order of all.
  const done = ends.every(({ state }) => state === 'succeeded')
    ? await endQuietly(db, ends)
    : NOBODY;
  const others = ends.filter(({ id }) => !done.has(id));
  if (others.length === 0) return ends.map(() => 'ended');
  const answers = await db.transaction().execute((tx) => reportEndsIn(tx, others));
  return ends.map(({ id }) => (done.has(id) ? 'ended' : (answers.get(id) ?? 'unknown')));
}

const NOBODY: ReadonlySet<number> = new Set();

/**
 * Ends those of which nobody has to hear and which move no watermark, as most do not: one statement, and so
 * its own transaction.
 */
async function endQuietly(db: Db, ends: readonly ReportedEnd[]): Promise<ReadonlySet<number>> {
  const rows = await endExecutions(db, ends, IS_QUIET);
  return new Set(rows.flatMap(({ id, ended }) => (ended ? [id] : [])));
}

/** Ends all of them in the caller's transaction; by id, an unknown one has no answer. */
export async function reportEndsIn(
  tx: Db,
  ends: readonly ReportedEnd[],
): Promise<ReadonlyMap<number, EndAnswer>> {
  const rows = await endExecutions(tx, ends, sql`true`);
  const ended = rows.filter((row) => row.ended);
  await moveWatermarks(tx, ended);
  await tellFailures(tx, ended.map(toEnded));
  await tellEnds(
    tx,
    ended.flatMap(({ id, heard }) => (heard ? [id] : [])),
  );
  return new Map(rows.map((row) => [row.id, toAnswer(row)]));
}

/** Of an execution `e` that is found as `f`. */
const IS_QUIET = sql<boolean>`not f.failing and not f.heard
  and coalesce(e.next_watermark, e.pipeline_next_watermark) is null`;

/**
 * Ends those of which the condition holds, which may speak of them as IS_QUIET does. What it needs to know of an
 * execution beforehand never changes, so nothing is locked before it is written.
 * Arrays tell the planner that there are few rows: JSON would have it read whole tables. It looks into none
 * of them through a subquery, so that the plan of one call does for the next.
 */
async function endExecutions(
  tx: Db,
  ends: readonly ReportedEnd[],
  condition: RawBuilder<boolean>,
): Promise<Row[]> {
  const { rows } = await sql<Row>`
    ${PREPARED} with input as materialized (
      select * from unnest(
        (select ${ends.map(({ id }) => id)}::bigint[]),
        (select ${ends.map(({ endDate }) => endDate)}::timestamptz[]),
        (select ${ends.map(({ state }) => state)}::text[]),
        (select ${ends.map(({ sent }) => postgresJson(sent))}::jsonb[])
      ) as r(id, end_date, state, sent)
    ), found as materialized (
      select i.*, e.pipeline_id, e.start_date, e.workflow_id is null as reported,
        i.end_date > e.start_date as later, ${isFailing(sql.ref('e.pipeline_id'))} as failing,
        ${IS_HEARD} as heard
      from input i join pipeline_execution e on e.id = i.id
    ), done as (
      update pipeline_execution e set
        end_date = f.end_date,
        completed_successfully = f.state = 'succeeded',
        state = f.state,
        inserts = ${sentOr('inserts')},
        updates = ${sentOr('updates')},
        soft_deletes = ${sentOr('soft_deletes')},
        total_rows = ${sentOr('total_rows')},
        execution_metadata = case when f.sent ? 'execution_metadata'
          then nullif(f.sent->'execution_metadata', 'null') else e.execution_metadata end,
        duration_seconds = ${SECONDS},
        throughput = case when ${sentOr('total_rows')} is not null and ${SECONDS} = 0 then 0
          else round(${sentOr('total_rows')} / nullif(${SECONDS}, 0), 4) end
      from found f
      where e.id = f.id and f.reported and f.later and ${condition}
      returning e.*
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
    select f.id, f.pipeline_id, f.reported, f.later, f.state, f.failing, f.heard,
      d.id is not null as ended, d.watermark, d.next_watermark, d.pipeline_watermark,
      d.pipeline_next_watermark, ${WAKE_WATCH}, (select count(*) from told) as told
    from found f left join done d on d.id = f.id
    order by f.end_date, f.id`.execute(tx);
  return rows;
}

const sentOr = (column: 'inserts' | 'updates' | 'soft_deletes' | 'total_rows') => sql`
  case when f.sent ? ${sql.lit(column)} then (f.sent->>${sql.lit(column)})::bigint
    else e.${sql.ref(column)} end`;

const SECONDS = sql`round(extract(epoch from f.end_date - f.start_date))`;

/** In the order in which they ended: each finds the watermark where the one before has left it. */
async function moveWatermarks(tx: Db, ended: readonly Row[]): Promise<void> {
  const moves = ended.flatMap((row) =>
    row.state === 'succeeded' ? (reportedMove(row, ACTOR) ?? []) : [],
  );
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

function toEnded({ id, pipeline_id, state, failing }: Row): EndOfRun {
  return { id, pipelineId: pipeline_id, state, failing };
}

function toAnswer({ reported, later }: Row): EndAnswer {
  if (!reported) return 'ours';
  return later ? 'ended' : 'too_early';
}
