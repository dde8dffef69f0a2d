import { sql } from 'kysely';
import type { Hash } from '../../plan/plan.ts';
import type { JsonObject } from '../../runtime/json.ts';
import type { Db } from '../database.ts';
import { PREPARED } from '../prepared.ts';

/** A committed run that Temporal does not know of yet. */
export interface QueuedRun {
  readonly id: number;
  readonly pipeline: string;
  readonly plan: Hash;
  readonly workflowId: string;
  readonly params: JsonObject;
  readonly fullLoad: boolean;
  readonly trigger: string;
  readonly priority: number;
}

/** Takes the oldest run out of the queue, but for these; nobody else gets it. */
export async function claimNext(db: Db, except: readonly number[]): Promise<QueuedRun | undefined> {
  const { rows } = await sql<QueuedRun>`
    ${PREPARED} with next as (
      select id from pipeline_execution
      where state = 'queued' and dispatched_at is null and id <> all(${except}::bigint[])
      order by id limit 1 for update skip locked
    )
    update pipeline_execution e set dispatched_at = clock_timestamp()
    from next, pipeline p
    where e.id = next.id and p.id = e.pipeline_id
    returning e.id, p.name as pipeline, e.version_hash as plan, e.workflow_id as "workflowId",
      e.params, e.full_load as "fullLoad", e.trigger_kind as trigger, e.priority`.execute(db);
  return rows[0];
}

/** Takes a run out of the queue, so that nobody starts it (any more). False: it is not there. */
export async function claimQueued(db: Db, id: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('pipeline_execution')
    .set({ dispatched_at: sql`clock_timestamp()` })
    .where('id', '=', id)
    .where('state', '=', 'queued')
    .where('dispatched_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Puts a run back into the queue that Temporal does not know of, or did not take. */
export async function requeue(db: Db, id: number): Promise<void> {
  await db
    .updateTable('pipeline_execution')
    .set({ dispatched_at: null })
    .where('id', '=', id)
    .where('state', '=', 'queued')
    .execute();
}
