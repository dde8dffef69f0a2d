import { sql } from 'kysely';
import type { Db } from '../database.ts';
import { nothingRemoved, type Removed } from './removed.ts';

/** A clean-up as its row tells it; one that failed is tried again until it has come to its end. */
export interface CleanUpRecord {
  readonly id: number;
  readonly dry_run: boolean;
  readonly started_at: Date;
  readonly finished_at: Date | null;
  readonly removed: Removed;
  readonly error: string | null;
}

/** The row of this workflow, with what it has removed so far. */
export async function openCleanUp(
  db: Db,
  workflowId: string,
  dryRun: boolean,
): Promise<CleanUpRecord> {
  await db
    .insertInto('clean_up')
    .values({ workflow_id: workflowId, dry_run: dryRun })
    .onConflict((conflict) => conflict.column('workflow_id').doNothing())
    .execute();
  const row = await records(db).where('workflow_id', '=', workflowId).executeTakeFirstOrThrow();
  return toRecord(row);
}

export async function saveProgress(db: Db, id: number, removed: Removed): Promise<void> {
  await db
    .updateTable('clean_up')
    .set({ removed: JSON.stringify(removed) })
    .where('id', '=', id)
    .where('finished_at', 'is', null)
    .execute();
}

/** With an error it goes on when Temporal tries it again. */
export async function endCleanUp(
  db: Db,
  id: number,
  { removed, error }: { readonly removed: Removed; readonly error?: string },
): Promise<void> {
  await db
    .updateTable('clean_up')
    .set({
      removed: JSON.stringify(removed),
      error: error ?? null,
      ...(error === undefined && { finished_at: sql`clock_timestamp()` }),
    })
    .where('id', '=', id)
    .where('finished_at', 'is', null)
    .execute();
}

export async function findCleanUp(db: Db, id: number): Promise<CleanUpRecord | undefined> {
  const row = await records(db).where('id', '=', id).executeTakeFirst();
  return row && toRecord(row);
}

/** The newest first. */
export async function listCleanUps(db: Db, limit: number): Promise<CleanUpRecord[]> {
  const rows = await records(db).orderBy('id', 'desc').limit(limit).execute();
  return rows.map(toRecord);
}

function records(db: Db) {
  return db
    .selectFrom('clean_up')
    .select(['id', 'dry_run', 'started_at', 'finished_at', 'removed', 'error']);
}

function toRecord(row: Awaited<ReturnType<ReturnType<typeof records>['execute']>>[number]) {
  return { ...row, removed: { ...nothingRemoved(), ...(row.removed as Partial<Removed>) } };
}
