import { sql } from 'kysely';
import type { Hash } from '../plan/plan.ts';
import type { JsonObject } from '../runtime/json.ts';
import type { Db } from './database.ts';

/** A committed run that Temporal does not know of yet. */
export interface QueuedRun {
  readonly id: number;
  readonly pipeline: string;
  readonly plan: Hash;
  readonly workflowId: string;
  readonly params: JsonObject;
  readonly fullLoad: boolean;
  readonly trigger: string;
}

/** This one run, or the oldest one but these. */
export type QueuedChoice = { readonly id: number } | { readonly except: readonly number[] };

/**
 * Holds a queued run against every other process while `start` brings it to Temporal, and marks it
 * dispatched then; when `start` fails it stays queued. False: there is none, or it is held.
 */
export async function dispatchQueued(
  db: Db,
  choice: QueuedChoice,
  start: (run: QueuedRun) => Promise<void>,
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const run = await lockQueued(tx, choice);
    if (!run) return false;
    await start(run);
    await claimQueued(tx, run.id);
    return true;
  });
}

async function lockQueued(tx: Db, choice: QueuedChoice): Promise<QueuedRun | undefined> {
  const row = await tx
    .selectFrom('pipeline_execution as e')
    .innerJoin('pipeline as p', 'p.id', 'e.pipeline_id')
    .select(['e.id', 'p.name as pipeline', 'e.version_hash', 'e.workflow_id', 'e.params'])
    .select(['e.full_load', 'e.trigger_kind'])
    .where('e.state', '=', 'queued')
    .where('e.dispatched_at', 'is', null)
    .$if('id' in choice, (query) => query.where('e.id', '=', 'id' in choice ? choice.id : 0))
    .$if('except' in choice, (query) =>
      query.where(sql<boolean>`e.id <> all(${'except' in choice ? choice.except : []}::bigint[])`),
    )
    .orderBy('e.id')
    .limit(1)
    .forUpdate('e')
    .skipLocked()
    .executeTakeFirst();
  return (
    row && {
      id: row.id,
      pipeline: row.pipeline,
      plan: row.version_hash ?? '',
      workflowId: row.workflow_id,
      params: row.params as JsonObject,
      fullLoad: row.full_load,
      trigger: row.trigger_kind,
    }
  );
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

/** Puts a run back into the queue that never began, because Temporal has lost it. */
export async function requeue(db: Db, id: number): Promise<void> {
  await db
    .updateTable('pipeline_execution')
    .set({ dispatched_at: null })
    .where('id', '=', id)
    .where('state', '=', 'queued')
    .execute();
}
