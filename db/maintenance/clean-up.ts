import { sql } from 'kysely';
import type { Pace } from './batches.ts';
import { cutoffTable, OLD_RUN, SETTLED_RUN, type Cutoff } from './cutoffs.ts';
import type { Db } from '../database.ts';
import { countOldEvents, removeOldEvents } from '../events/old-events.ts';
import { removeOldArtifacts } from './old-artifacts.ts';
import { removeOldLogs } from './old-logs.ts';
import { countOldRecords, removeOldRecords } from './old-records.ts';
import { removeOldRuns } from './old-runs.ts';
import { nothingRemoved, type Removed } from './removed.ts';

/**
 * Removes what is too old, in short transactions. Interrupted, it leaves nothing half done: another one goes
 * on where it was. Files of artifacts stay until `removeFiles`.
 */
export async function cleanUp(
  db: Db,
  cutoffs: readonly Cutoff[],
  pace: Pace,
  removed: Removed = nothingRemoved(),
): Promise<Removed> {
  await removeOldRuns(db, cutoffs, pace, removed);
  await removeOldLogs(db, cutoffs, pace, removed);
  await removeOldArtifacts(db, cutoffs, pace, removed);
  await removeOldEvents(db, cutoffs, pace, removed);
  await removeOldRecords(db, cutoffs, pace, removed);
  return removed;
}

/** What a clean-up would remove now. */
export async function countOld(db: Db, cutoffs: readonly Cutoff[]): Promise<Removed> {
  const k = cutoffTable(cutoffs);
  const count = async (from: ReturnType<typeof sql>, where: ReturnType<typeof sql>) => {
    const { rows } = await sql<{ count: number }>`
      select count(*) from ${from}
      join ${k} on k.pipeline_id = e.pipeline_id where ${where}`.execute(db);
    return rows[0]?.count ?? 0;
  };
  const of = (table: string, alias: string, run = 'execution_id') => sql`
    ${sql.table(table)} as ${sql.ref(alias)}
    join pipeline_execution e on e.id = ${sql.ref(`${alias}.${run}`)}`;
  const closure = (end: string) => of('pipeline_execution_closure', 'c', end);
  const closure_parents = await count(closure('parent_execution_id'), OLD_RUN);
  const parentStays = sql`${OLD_RUN} and not exists (
    select from pipeline_execution e join ${k} on k.pipeline_id = e.pipeline_id
    where e.id = c.parent_execution_id and ${OLD_RUN})`;
  const logged = sql`(${OLD_RUN} or l.logged_at < k.logs)`;
  const kept = sql`(${OLD_RUN} or a.created_at < k.artifacts and ${SETTLED_RUN})`;
  const late = of('timeliness_pipeline_execution_log', 't', 'pipeline_execution_id');
  const odd = of('anomaly_detection_result', 'r', 'pipeline_execution_id');
  return {
    runs: await count(sql`pipeline_execution e`, OLD_RUN),
    block_runs: await count(of('block_run', 'b'), OLD_RUN),
    log_lines: await count(of('log_line', 'l'), logged),
    artifacts: await count(of('artifact', 'a'), kept),
    closure_parents,
    closure_children: await count(closure('child_execution_id'), parentStays),
    timeliness_logs: await count(late, OLD_RUN),
    freshness_logs: await count(sql`freshness_pipeline_log e`, sql`e.last_dml_timestamp <= k.runs`),
    anomaly_results: await count(odd, OLD_RUN),
    events: await countOldEvents(db, cutoffs),
    watermark_changes: await countOldRecords(db, 'watermark_changes', cutoffs),
    notices: await countOldRecords(db, 'notices', cutoffs),
  };
}
