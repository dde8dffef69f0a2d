import { sql } from 'kysely';
import type { Db } from '../database.ts';
import { recordBackfillChange, TEMPORAL } from './changes.ts';

/** A backfill that has not ended, and whose workflow should run. */
export interface OpenBackfill {
  readonly id: number;
  readonly workflowId: string;
  readonly pipeline: string;
  /** Whether its workflow knows of the last change. */
  readonly seen: boolean;
}

/** The next ones after this id, but for those that somebody has just changed: he tells their workflow himself. */
export async function listOpenBackfills(
  db: Db,
  after: number,
  limit: number,
): Promise<OpenBackfill[]> {
  const { rows } = await sql<OpenBackfill>`
    select b.id, b.workflow_id as "workflowId", p.name as pipeline,
      coalesce(b.seen_at >= b.changed_at, false) as seen
    from backfill b join pipeline p on p.id = b.pipeline_id
    where b.ended_at is null and b.id > ${after}
      and b.changed_at < clock_timestamp() - interval '2 seconds'
    order by b.id limit ${limit}`.execute(db);
  return rows;
}

/**
 * Ends a backfill whose workflow somebody ended, or Temporal has lost, and puts that on record unless somebody cancelled
 * it before. Twice is harmless.
 */
export async function endLostBackfill(
  db: Db,
  { id, pipeline }: Pick<OpenBackfill, 'id' | 'pipeline'>,
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ state: string }>`
      with ended as (
        update backfill set ended_at = clock_timestamp(),
          state = case when state = 'cancelling' then 'cancelled' else 'terminated' end
        where id = ${id} and ended_at is null and seen_at >= changed_at
        returning id, state
      ), left_over as (
        update backfill_interval i set state = ended.state
        from ended where i.backfill_id = ended.id and i.state in ('pending', 'running')
      )
      select state from ended`.execute(tx);
    if (rows[0]?.state === 'terminated') {
      const action = 'terminated';
      await recordBackfillChange(tx, { backfill: id, pipeline, action, actor: TEMPORAL });
    }
    return rows.length > 0;
  });
}
