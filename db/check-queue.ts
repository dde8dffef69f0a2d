import { sql } from 'kysely';
import type { Db } from './database.ts';

/**
 * Asks for the check of a run that has just succeeded, in the transaction that ends it; only when its
 * pipeline has a rule. Asked for again while a check is under way, the run is checked once more.
 */
export async function queueCheck(tx: Db, executionId: number, pipelineId: number): Promise<void> {
  await sql`
    insert into check_queue (execution_id)
    select ${executionId}::bigint
    where exists (
      select from anomaly_detection_rule where pipeline_id = ${pipelineId}::int and active
    )
    on conflict (execution_id) do update set queued_at = excluded.queued_at`.execute(tx);
}
