import { sql } from 'kysely';
import type { LateRun } from '../../metadata/deadline-notices.ts';
import { postgresJson } from '../../runtime/json.ts';
import type { Db } from '../database.ts';

/** How many late runs of one pipeline are found at once. */
export const MOST_AT_ONCE = 500;
const MOST_TAKEN = 10_000;
const MOST_LOOKED_BACK = 10_000;

export interface OpenRun {
  readonly id: number;
  readonly pipelineId: number;
  readonly start: Date;
}

/** A pipeline, and the moment before which a run of it has begun that may be late now. */
export interface Cutoff {
  readonly pipelineId: number;
  readonly before: Date;
}

/**
 * Open runs of these pipelines that nobody has found late yet: of each pipeline those that began before
 * its cutoff, oldest first and at most 500 at once, and the first one after.
 */
export async function listOpenInTime(db: Db, cutoffs: readonly Cutoff[]): Promise<OpenRun[]> {
  const inTime = sql`
    select id, start_date from pipeline_execution
    where pipeline_id = c."pipelineId" and state = 'running' and late_since is null`;
  const { rows } = await sql<OpenRun>`
    select o.id, c."pipelineId", o.start_date as start
    from jsonb_to_recordset(${postgresJson(cutoffs)}::jsonb) as c("pipelineId" int, before timestamptz)
    cross join lateral (
      (${inTime} and start_date < c.before order by start_date limit ${MOST_AT_ONCE})
      union all
      (${inTime} and start_date >= c.before order by start_date limit 1)
    ) as o`.execute(db);
  return rows;
}

/** Marks open runs late, so that they are not looked at again. */
export async function markLate(
  tx: Db,
  runs: readonly { readonly id: number; readonly deadline: Date }[],
): Promise<void> {
  if (runs.length === 0) return;
  const rows = runs.map(({ id, deadline }) => ({ id, deadline }));
  await sql`
    update pipeline_execution e set late_since = r.deadline
    from jsonb_to_recordset(${postgresJson(rows)}::jsonb) as r(id bigint, deadline timestamptz)
    where e.id = r.id and e.state = 'running' and e.late_since is null`.execute(tx);
}

/** An ended run that may have been late. */
export interface EndedRun extends OpenRun {
  readonly end: Date;
}

/** Takes from the queue runs that ended lately; answers the successful ones, and whether there are more. */
export async function takeEnded(
  tx: Db,
): Promise<{ readonly ended: EndedRun[]; readonly isRest: boolean }> {
  const { rows } = await sql<EndedRun | { readonly id: null }>`
    with taken as (
      delete from deadline_queue where execution_id in (
        select execution_id from deadline_queue order by execution_id limit ${MOST_TAKEN})
      returning execution_id
    )
    select e.id, e.pipeline_id as "pipelineId", e.start_date as start, e.end_date as "end"
    from taken left join pipeline_execution e on e.id = taken.execution_id
      and e.completed_successfully and e.start_date is not null and e.end_date is not null`.execute(
    tx,
  );
  const ended = rows.filter((row): row is EndedRun => row.id !== null);
  return { ended, isRest: rows.length === MOST_TAKEN };
}

/**
 * Runs that began after this moment, succeeded, took a minute or more, and were not found late; the
 * newest first.
 */
export async function listLongSince(db: Db, since: Date): Promise<EndedRun[]> {
  const { rows } = await sql<EndedRun>`
    select id, pipeline_id as "pipelineId", start_date as start, end_date as "end"
    from pipeline_execution e
    where start_date >= ${since} and completed_successfully and duration_seconds >= 60
      and not exists (
        select from timeliness_pipeline_execution_log l where l.pipeline_execution_id = e.id)
    order by start_date desc
    limit ${MOST_LOOKED_BACK}`.execute(db);
  return rows;
}

export interface LoggedRun extends LateRun {
  readonly pipelineId: number;
  readonly thresholdMs: number;
}

/** Keeps in mind runs that ended late while nobody wanted to hear of it, until they are over or told. */
export async function keepUntold(tx: Db, runs: readonly EndedRun[]): Promise<void> {
  if (runs.length === 0) return;
  const rows = runs.map(({ id, pipelineId }) => ({ id, pipelineId }));
  await sql`
    insert into late_run (execution_id, pipeline_id, ended)
    select r.id, r."pipelineId", true
    from jsonb_to_recordset(${postgresJson(rows)}::jsonb) as r(id bigint, "pipelineId" int)
    on conflict do nothing`.execute(tx);
}

/** Those of these pipelines that are kept in mind still: nobody has logged them. */
export async function listUntold(db: Db, pipelineIds: readonly number[]): Promise<EndedRun[]> {
  const { rows } = await sql<EndedRun>`
    select e.id, e.pipeline_id as "pipelineId", e.start_date as start, e.end_date as "end"
    from late_run l join pipeline_execution e on e.id = l.execution_id
    where l.ended and l.pipeline_id = any(${pipelineIds}::int[])
      and e.start_date is not null and e.end_date is not null
      and not exists (
        select from timeliness_pipeline_execution_log o where o.pipeline_execution_id = e.id)`.execute(
    db,
  );
  return rows;
}

/** Logs late runs, each once for ever, and keeps them in mind until they are over; answers the new ones. */
export async function logLateRuns(tx: Db, runs: readonly LoggedRun[]): Promise<Set<number>> {
  if (runs.length === 0) return new Set();
  const { rows } = await sql<{ id: number }>`
    with logged as (
      insert into timeliness_pipeline_execution_log (pipeline_execution_id, pipeline_id,
        duration_seconds, seconds_threshold, execution_status, timely_number, timely_datepart,
        used_child_config)
      select r."executionId", r."pipelineId", round(r."durationMs" / 1000.0), r."thresholdMs" / 1000,
        r.status, r.number, r.datepart, r.own
      from jsonb_to_recordset(${postgresJson(runs.map(toColumns))}::jsonb) as r(
        "executionId" bigint, "pipelineId" int, "durationMs" bigint, "thresholdMs" bigint,
        status text, number int, datepart text, own boolean)
      on conflict do nothing
      returning pipeline_execution_id as id, pipeline_id, execution_status
    ), kept as (
      insert into late_run (execution_id, pipeline_id, ended)
      select id, pipeline_id, execution_status = 'completed' from logged
      on conflict do nothing
    )
    select id from logged`.execute(tx);
  return new Set(rows.map(({ id }) => id));
}

function toColumns({ threshold, ...run }: LoggedRun) {
  const { number, datepart, from } = threshold;
  return { ...run, number, datepart, own: from === 'pipeline' };
}

/** A pipeline's newest success; null: whatever was late is of no interest any more. */
export interface NewestSuccess {
  readonly pipelineId: number;
  readonly executionId: number | null;
}

/**
 * Forgets late runs that are over, and answers them: one that was open is over when it or a later one
 * has succeeded, one that had ended when a later one has.
 */
export async function takeOver(
  tx: Db,
  successes: readonly NewestSuccess[],
): Promise<{ readonly executionId: number; readonly pipelineId: number }[]> {
  const { rows } = await sql<{ executionId: number; pipelineId: number }>`
    delete from late_run l
    using jsonb_to_recordset(${postgresJson(successes)}::jsonb)
      as s("pipelineId" int, "executionId" bigint)
    where l.pipeline_id = s."pipelineId"
      and (s."executionId" is null or l.execution_id < s."executionId"
        or l.execution_id = s."executionId" and not l.ended)
    returning l.execution_id as "executionId", l.pipeline_id as "pipelineId"`.execute(tx);
  return rows;
}

export interface LoggedRunRecord {
  readonly run: number;
  readonly status: 'running' | 'completed';
  readonly duration_seconds: number;
  readonly threshold_seconds: number;
  readonly foundAt: Date;
}

/** A pipeline's late runs, the newest first. */
export async function listLateRuns(
  db: Db,
  pipelineId: number,
  limit: number,
): Promise<LoggedRunRecord[]> {
  const { rows } = await sql<LoggedRunRecord>`
    select pipeline_execution_id as run, execution_status as status, duration_seconds,
      seconds_threshold as threshold_seconds, created_at as "foundAt"
    from timeliness_pipeline_execution_log
    where pipeline_id = ${pipelineId}
    order by pipeline_execution_id desc
    limit ${limit}`.execute(db);
  return rows;
}
