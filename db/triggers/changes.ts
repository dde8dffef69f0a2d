import { sql } from 'kysely';
import { postgresJson, type JsonObject } from '../../runtime/json.ts';
import type { Db } from '../database.ts';

/** Something that was done to a trigger. */
export interface TriggerChange {
  readonly pipeline: string;
  readonly trigger: string;
  /** A past participle, such as `created`, `paused` or `rotated`. */
  readonly action: string;
  /** Who did it. */
  readonly actor: string;
  readonly details: JsonObject;
}

/** Puts a change on record, in the transaction that makes it. */
export async function recordChange(tx: Db, change: TriggerChange): Promise<void> {
  await recordChanges(tx, [change]);
}

export async function recordChanges(tx: Db, changes: readonly TriggerChange[]): Promise<void> {
  if (changes.length === 0) return;
  const rows = changes.map((change) => ({ ...change, details: postgresJson(change.details) }));
  await tx.insertInto('trigger_change').values(rows).execute();
}

export interface RecordedChange extends TriggerChange {
  readonly id: number;
  readonly changed_at: Date;
}

/** The newest changes of one trigger, the newest first. */
export async function listChanges(
  db: Db,
  { pipeline, trigger }: Pick<TriggerChange, 'pipeline' | 'trigger'>,
  most: number,
): Promise<RecordedChange[]> {
  const { rows } = await sql<RecordedChange>`
    select id, pipeline, trigger, action, actor, details, changed_at from trigger_change
    where pipeline = ${pipeline} and trigger = ${trigger}
    order by id desc limit ${most}`.execute(db);
  return rows;
}
