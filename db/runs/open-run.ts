import { sql } from 'kysely';
import type { RunLimit } from '../../plan/limit.ts';
import type { Hash } from '../../plan/plan.ts';
import type { RunState } from '../../plan/run-state.ts';
import type { ParentBlock } from '../../workflows/activities.ts';
import type { BackfillPlace } from '../../workflows/backfill.ts';
import { postgresJson, type JsonObject } from '../../runtime/json.ts';
import { beginInterval } from '../backfills/interval-runs.ts';
import type { Db } from '../database.ts';
import { PREPARED } from '../prepared.ts';
import { NORMAL_PRIORITY, type RunCause } from './run-requests.ts';

export interface RunRow {
  readonly id: number;
  readonly pipelineId: number;
  readonly state: RunState;
  readonly plan: Hash | null;
  readonly workflowId: string;
  readonly params: JsonObject;
  readonly fullLoad: boolean;
  readonly watermark: string | null;
  readonly priority: number;
  /** The time that it stands for, and the bounds of the data that it is about. */
  readonly scheduledAt: Date | null;
  readonly intervalStart: Date | null;
  readonly intervalEnd: Date | null;
}

/** Why Temporal started a run. */
export interface StartCause extends RunCause {
  /** It neither reads the pipeline's watermark nor moves it. */
  readonly keepWatermark?: boolean;
  /** Its place in the backfill that starts it. */
  readonly backfill?: BackfillPlace;
}

/** A run that nobody asked the API for: a sub-pipeline's, or one started with `temporal workflow start`. */
export interface NewRun {
  readonly pipeline: string;
  readonly plan: Hash;
  readonly workflowId: string;
  readonly temporalRunId: string;
  readonly params: JsonObject;
  readonly fullLoad: boolean;
  readonly limit: RunLimit | null;
  readonly cause: StartCause;
  readonly parent: ParentBlock | undefined;
}

const COLUMNS = sql`id, pipeline_id as "pipelineId", state, version_hash as plan,
  workflow_id as "workflowId", params, full_load as "fullLoad", watermark, priority,
  scheduled_at as "scheduledAt", interval_start as "intervalStart", interval_end as "intervalEnd"`;

export async function findRun(
  db: Db,
  by: { readonly id: number } | { readonly workflowId: string; readonly temporalRunId: string },
): Promise<RunRow | undefined> {
  const condition =
    'id' in by
      ? sql`id = ${by.id}`
      : sql`workflow_id = ${by.workflowId} and temporal_run_id = ${by.temporalRunId}`;
  const { rows } = await sql<RunRow>`
    select ${COLUMNS} from pipeline_execution where ${condition}`.execute(db);
  return rows[0];
}

/** Inserts a queued run with its place among its ancestors. Doing it twice finds the first row. */
export async function insertRun(db: Db, run: NewRun): Promise<RunRow> {
  return db.transaction().execute(async (tx) => {
    const { parent, cause } = run;
    await sql`
      insert into pipeline_execution (pipeline_id, parent_id, parent_block, state, version_hash,
        workflow_id, temporal_run_id, trigger_kind, trigger_id, scheduled_at, interval_start, interval_end,
        priority, params, full_load, limit_key, limit_runs, keep_watermark, backfill_id, dispatched_at)
      select id, ${parent?.executionId ?? null}::bigint, ${parent?.block ?? null}::text, 'queued',
        ${run.plan}, ${run.workflowId}, ${run.temporalRunId}, ${cause.trigger},
        ${cause.triggerId ?? null}::int, ${cause.scheduledAt ?? null}::timestamptz,
        ${cause.interval?.start ?? null}::timestamptz, ${cause.interval?.end ?? null}::timestamptz,
        ${cause.priority ?? NORMAL_PRIORITY}::smallint, ${postgresJson(run.params)}::jsonb, ${run.fullLoad}::boolean,
        ${run.limit?.key ?? null}::text, ${run.limit?.maxRuns ?? null}::int,
        ${cause.keepWatermark ?? false}::boolean, ${cause.backfill?.id ?? null}::int, now()
      from pipeline where name = ${run.pipeline}
      on conflict do nothing`.execute(tx);
    const row = await findRun(tx, run);
    if (!row) throw new Error(`Run ${run.workflowId} was not inserted`);
    await insertClosure(tx, row.id, run.parent?.executionId);
    if (cause.backfill) await beginInterval(tx, cause.backfill, row.id);
    return row;
  });
}

/** A run is its own descendant at depth 0, and one level deeper than its parent below each ancestor. */
async function insertClosure(tx: Db, id: number, parent: number | undefined): Promise<void> {
  await sql`
    insert into pipeline_execution_closure (parent_execution_id, child_execution_id, depth)
    select ${id}::bigint, ${id}::bigint, 0
    union all
    select parent_execution_id, ${id}::bigint, depth + 1
    from pipeline_execution_closure where child_execution_id = ${parent ?? null}::bigint
    on conflict do nothing`.execute(tx);
}

/**
 * Queued becomes running, and the watermark is read. Answers the row as it is then: a second call
 * finds it running already, and one that has to ask for its turn is still queued. Undefined: there is
 * no such run.
 */
export async function startRun(
  db: Db,
  id: number,
  temporalRunId: string,
): Promise<RunRow | undefined> {
  return (await beginRun(db, id, temporalRunId, sql`and limit_key is null`)) ?? findRun(db, { id });
}

/**
 * Why it waited is no news any more; that it gives way to another run, which has asked for its end already, is.
 * Undefined: it is not queued, or not of these.
 */
export async function beginRun(
  db: Db,
  id: number,
  temporalRunId: string,
  onlyIf = sql``,
): Promise<RunRow | undefined> {
  const { rows } = await sql<RunRow>`
    ${PREPARED} update pipeline_execution e set
      state = 'running',
      reason = case when reason->>'code' = 'superseded' then reason end,
      temporal_run_id = ${temporalRunId},
      dispatched_at = coalesce(dispatched_at, now()),
      start_date = clock_timestamp(),
      date_recorded = (clock_timestamp() at time zone 'utc')::date,
      hour_recorded = extract(hour from clock_timestamp() at time zone 'utc'),
      watermark = case when full_load or keep_watermark then null else
        (select p.watermark from pipeline p where p.id = e.pipeline_id) end
    where id = ${id} and state = 'queued' ${onlyIf}
    returning ${COLUMNS}`.execute(db);
  return rows[0];
}

/** Ties the parent's block to the run that it started. */
export async function linkParentBlock(db: Db, parent: ParentBlock, child: number): Promise<void> {
  await db
    .insertInto('block_run')
    .values({
      execution_id: parent.executionId,
      block: parent.block,
      attempt: parent.attempt,
      state: 'running',
      started_at: sql`clock_timestamp()`,
      child_execution_id: child,
    })
    .onConflict((conflict) => conflict.columns(['execution_id', 'block', 'attempt']).doNothing())
    .execute();
}
