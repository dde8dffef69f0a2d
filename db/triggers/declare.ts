import { sql } from 'kysely';
import { hashOf } from '../../plan/hash.ts';
import type { PlannedTrigger } from '../../plan/plan.ts';
import { postgresJson, type JsonObject } from '../../runtime/json.ts';
import type { Db } from '../database.ts';
import { recordChange } from './changes.ts';

/** Who changes triggers when their pipeline's file does. */
const ACTOR = 'file';

export interface TriggersOf {
  readonly pipelineId: number;
  readonly pipeline: string;
  readonly triggers: readonly PlannedTrigger[];
}

interface Stored {
  readonly name: string;
  readonly hash: string;
  readonly removed: boolean;
}

/**
 * Makes the triggers of a pipeline's file its triggers, and puts on record what that changes. One that is
 * paused stays paused; one that the file no longer names is marked as removed, and its row stays.
 */
export async function declareTriggers(tx: Db, declared: TriggersOf): Promise<void> {
  const stored = await listStored(tx, declared.pipelineId);
  const named = new Set(declared.triggers.map(({ name }) => name));
  for (const trigger of declared.triggers) {
    await declareTrigger(tx, declared, trigger, stored.get(trigger.name));
  }
  const gone = [...stored.values()].filter(({ name, removed }) => !removed && !named.has(name));
  for (const { name } of gone) await markRemoved(tx, declared, name);
}

async function listStored(tx: Db, pipelineId: number): Promise<Map<string, Stored>> {
  const rows = await tx
    .selectFrom('trigger')
    .select(['name', 'hash', 'removed_at'])
    .where('pipeline_id', '=', pipelineId)
    .execute();
  return new Map(
    rows.map(({ name, hash, removed_at }) => [name, { name, hash, removed: removed_at !== null }]),
  );
}

async function declareTrigger(
  tx: Db,
  { pipelineId, pipeline }: TriggersOf,
  trigger: PlannedTrigger,
  before: Stored | undefined,
): Promise<void> {
  const { name, kind } = trigger;
  const hash = hashOf(trigger);
  if (before && !before.removed && before.hash === hash) return;
  const row = { kind, hash, definition: postgresJson(trigger) };
  await tx
    .insertInto('trigger')
    .values({ pipeline_id: pipelineId, name, ...row })
    .onConflict((conflict) =>
      conflict
        .columns(['pipeline_id', 'name'])
        .doUpdateSet({ ...row, updated_at: sql`clock_timestamp()`, removed_at: null }),
    )
    .execute();
  const action = before && !before.removed ? 'changed' : 'created';
  await record(tx, pipeline, name, action, { kind, hash });
}

async function markRemoved(tx: Db, { pipelineId, pipeline }: TriggersOf, name: string) {
  await tx
    .updateTable('trigger')
    .set({ removed_at: sql`clock_timestamp()`, updated_at: sql`clock_timestamp()` })
    .where('pipeline_id', '=', pipelineId)
    .where('name', '=', name)
    .where('removed_at', 'is', null)
    .execute();
  await record(tx, pipeline, name, 'removed', {});
}

function record(tx: Db, pipeline: string, trigger: string, action: string, details: JsonObject) {
  return recordChange(tx, { pipeline, trigger, action, actor: ACTOR, details });
}
