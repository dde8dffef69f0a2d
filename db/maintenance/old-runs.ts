import { sql, type RawBuilder } from 'kysely';
import { inBatches, type Pace } from './batches.ts';
import { cutoffTable, latest, OLD_RUN, type Cutoff } from './cutoffs.ts';
import type { Db } from '../database.ts';
import type { Removed } from './removed.ts';

/**
 * Removes old runs with everything that hangs on them, by the day on which they began. Runs that stay lose
 * a parent that goes. Their files are left for `removeFiles`.
 */
export async function removeOldRuns(
  db: Db,
  cutoffs: readonly Cutoff[],
  pace: Pace,
  removed: Removed,
): Promise<void> {
  const newest = latest(cutoffs, 'runs');
  if (newest === undefined) return;
  let day: string | null = null; // runs that never began have no day
  do {
    const of = day === null ? sql`e.date_recorded is null` : sql`e.date_recorded = ${day}::date`;
    await inBatches(db, pace, async (tx, size) => {
      const gone = await removeSome(tx, cutoffs, of, size);
      add(removed, gone);
      return { last: gone.runs < size };
    });
    day = await findNextDay(db, day, newest);
  } while (day !== null);
  await removeFreshnessLogs(db, cutoffs, newest, pace, removed);
}

async function findNextDay(db: Db, after: string | null, newest: Date): Promise<string | null> {
  const { rows } = await sql<{ day: string | null }>`
    select min(date_recorded)::text as day from pipeline_execution
    where date_recorded > coalesce(${after}::date, '-infinity')
      and date_recorded <= (${newest}::timestamptz at time zone 'utc')::date`.execute(db);
  return rows[0]?.day ?? null;
}

/**
 * One statement, so that a busy server is asked once. Runs that are being checked or reported are waited for;
 * those that somebody else removes at the same time are left to them.
 */
async function removeSome(
  tx: Db,
  cutoffs: readonly Cutoff[],
  of: RawBuilder<unknown>,
  size: number,
): Promise<Gone> {
  const { rows } = await sql<Gone>`
    with old as materialized (
      select e.id, e.trigger_kind <> 'reported' as ours from pipeline_execution e
      join ${cutoffTable(cutoffs)} on k.pipeline_id = e.pipeline_id
      where ${of} and ${OLD_RUN}
      limit ${size} for update of e
    ),
    files as (insert into artifact_removal (execution_id) select id from old where ours),
    check_queue as (${hangingOn('check_queue')}),
    deadline_queue as (${hangingOn('deadline_queue')}),
    late_run as (${hangingOn('late_run')}),
    block_runs as (${hangingOn('block_run')}),
    log_lines as (${hangingOn('log_line')}),
    artifacts as (${hangingOn('artifact')}),
    timeliness_logs as (
      ${hangingOn('timeliness_pipeline_execution_log', 'pipeline_execution_id')}),
    anomaly_results as (${hangingOn('anomaly_detection_result', 'pipeline_execution_id')}),
    closure_parents as (${hangingOn('pipeline_execution_closure', 'parent_execution_id')}),
    closure_children as (
      delete from pipeline_execution_closure d using old where d.child_execution_id = old.id
        and not exists (select from old parent where parent.id = d.parent_execution_id)
      returning 1
    ),
    runs as (${hangingOn('pipeline_execution', 'id')})
    select (select count(*) from runs) as runs, (select count(*) from block_runs) as block_runs,
      (select count(*) from log_lines) as log_lines, (select count(*) from artifacts) as artifacts,
      (select count(*) from closure_parents) as closure_parents,
      (select count(*) from closure_children) as closure_children,
      (select count(*) from timeliness_logs) as timeliness_logs,
      (select count(*) from anomaly_results) as anomaly_results`.execute(tx);
  if (!rows[0]) throw new Error('Nothing was counted');
  return rows[0];
}

type Gone = Omit<Removed, 'freshness_logs' | 'events' | 'watermark_changes' | 'notices'>;

function hangingOn(table: string, column = 'execution_id') {
  return sql`
    delete from ${sql.table(table)} d using old where ${sql.ref(`d.${column}`)} = old.id returning 1`;
}

function add(removed: Removed, gone: Gone): void {
  for (const key of Object.keys(gone) as (keyof Gone)[]) removed[key] += gone[key];
}

async function removeFreshnessLogs(
  db: Db,
  cutoffs: readonly Cutoff[],
  newest: Date,
  pace: Pace,
  removed: Removed,
): Promise<void> {
  await inBatches(db, pace, async (tx, size) => {
    const { numAffectedRows } = await sql`
      delete from freshness_pipeline_log where id in (
        select f.id from freshness_pipeline_log f
        join ${cutoffTable(cutoffs)} on k.pipeline_id = f.pipeline_id
        where f.last_dml_timestamp <= ${newest} and f.last_dml_timestamp <= k.runs
        limit ${size} for update of f skip locked)`.execute(tx);
    const gone = Number(numAffectedRows ?? 0n);
    removed.freshness_logs += gone;
    return { last: gone < size };
  });
}
