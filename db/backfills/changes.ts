import { postgresJson, type JsonObject } from '../../runtime/json.ts';
import type { Db } from '../database.ts';

/** `terminated`: its workflow was ended in Temporal. */
export type BackfillAction =
  'started' | 'paused' | 'resumed' | 'changed' | 'retried' | 'cancelled' | 'terminated';

/** Who ends backfills in Temporal's own UI or command. */
export const TEMPORAL = 'temporal';

/** What somebody did with a backfill. */
export interface BackfillChange {
  readonly backfill: number;
  readonly pipeline: string;
  readonly action: BackfillAction;
  readonly actor: string;
  readonly details?: JsonObject;
}

export interface BackfillChangeRecord extends Required<Omit<BackfillChange, 'backfill'>> {
  readonly changed_at: Date;
}

/** Puts it on record, in the transaction that does it. */
export async function recordBackfillChange(tx: Db, change: BackfillChange): Promise<void> {
  const { backfill, pipeline, action, actor, details = {} } = change;
  await tx
    .insertInto('backfill_change')
    .values({ backfill_id: backfill, pipeline, action, actor, details: postgresJson(details) })
    .execute();
}

/** The newest first. */
export async function listBackfillChanges(
  db: Db,
  backfill: number,
  limit: number,
): Promise<BackfillChangeRecord[]> {
  const rows = await db
    .selectFrom('backfill_change')
    .select(['pipeline', 'action', 'actor', 'details', 'changed_at'])
    .where('backfill_id', '=', backfill)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ action, details, ...row }) => ({
    ...row,
    action: action as BackfillAction,
    details: details as JsonObject,
  }));
}
