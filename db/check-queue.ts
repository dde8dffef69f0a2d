import { sql } from 'kysely';
import { postgresJson } from '../runtime/json.ts';
import type { Db } from './database.ts';

/**
 * Asks for the checks of runs that have just succeeded, in the transaction that ends them; only of those
 * whose pipeline has a rule. Asked for again while a check is under way, a run is checked once more.
 */
export async function queueChecks(
  tx: Db,
  runs: readonly { readonly id: number; readonly pipelineId: number }[],
): Promise<void> {
  if (runs.length === 0) return;
  await sql`
    insert into check_queue (execution_id)
    select r.id
    from jsonb_to_recordset(${postgresJson(runs)}::jsonb) as r(id bigint, "pipelineId" int)
    where exists (
      select from anomaly_detection_rule where pipeline_id = r."pipelineId" and active
    )
    order by r.id
    on conflict (execution_id) do update set queued_at = excluded.queued_at`.execute(tx);
}
