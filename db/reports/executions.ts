import type { Db } from '../database.ts';

/** An execution as Watcher's clients know it, ours or a reported one. */
export async function findExecution(db: Db, id: number) {
  return executions(db).where('e.id', '=', id).executeTakeFirst();
}

/** The executions directly below one. */
export async function listChildExecutions(db: Db, id: number) {
  return executions(db)
    .innerJoin('pipeline_execution_closure as c', 'c.child_execution_id', 'e.id')
    .where('c.parent_execution_id', '=', id)
    .where('c.depth', '=', 1)
    .orderBy('e.id')
    .execute();
}

function executions(db: Db) {
  return db
    .selectFrom('pipeline_execution as e')
    .select(['e.id', 'e.parent_id', 'e.pipeline_id', 'e.start_date', 'e.end_date'])
    .select(['e.duration_seconds', 'e.completed_successfully', 'e.inserts', 'e.updates'])
    .select(['e.soft_deletes', 'e.total_rows', 'e.watermark', 'e.next_watermark'])
    .select(['e.execution_metadata', 'e.anomaly_flags', 'e.throughput']);
}
