import { sql, type RawBuilder } from 'kysely';
import { inBatches, type Pace } from './batches.ts';
import { cutoffTable, latest, OLD_RUN, type Cutoff } from './cutoffs.ts';
import type { Db } from './database.ts';
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
      const found = await lockOldRuns(tx, cutoffs, of, size);
      await removeRuns(tx, found, removed);
      return { last: found.length < size };
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

/** Runs that somebody else removes at the same time are left to them. */
async function lockOldRuns(
  tx: Db,
  cutoffs: readonly Cutoff[],
  of: RawBuilder<unknown>,
  size: number,
): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select e.id from pipeline_execution e
    join ${cutoffTable(cutoffs)} on k.pipeline_id = e.pipeline_id
    where ${of} and ${OLD_RUN}
    limit ${size} for update of e skip locked`.execute(tx);
  return rows.map(({ id }) => id);
}

async function removeRuns(tx: Db, ids: readonly number[], removed: Removed): Promise<void> {
  if (ids.length === 0) return;
  await sql`
    insert into artifact_removal (execution_id)
    select id from pipeline_execution
    where id = any (${ids}::bigint[]) and trigger_kind <> 'reported'`.execute(tx);
  const remove = async (table: string, column: string): Promise<number> => {
    const { numAffectedRows } = await sql`
      delete from ${sql.table(table)} where ${sql.ref(column)} = any (${ids}::bigint[])`.execute(
      tx,
    );
    return Number(numAffectedRows ?? 0n);
  };
  removed.timeliness_logs += await remove(
    'timeliness_pipeline_execution_log',
    'pipeline_execution_id',
  );
  removed.anomaly_results += await remove('anomaly_detection_result', 'pipeline_execution_id');
  removed.closure_parents += await remove('pipeline_execution_closure', 'parent_execution_id');
  removed.closure_children += await remove('pipeline_execution_closure', 'child_execution_id');
  removed.block_runs += await remove('block_run', 'execution_id');
  removed.log_lines += await remove('log_line', 'execution_id');
  removed.artifacts += await remove('artifact', 'execution_id');
  for (const queue of ['check_queue', 'deadline_queue', 'late_run']) {
    await remove(queue, 'execution_id');
  }
  removed.runs += await remove('pipeline_execution', 'id');
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
