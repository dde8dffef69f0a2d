import { sql } from 'kysely';
import { hashOf } from '../../plan/hash.ts';
import type { PlannedTrigger } from '../../plan/plan.ts';
import { postgresJson } from '../../runtime/json.ts';
import type { Db } from '../database.ts';
import { recordChanges } from './changes.ts';

export interface TriggersOf {
  readonly pipelineId: number;
  readonly pipeline: string;
  readonly triggers: readonly PlannedTrigger[];
  /** Who makes them so. */
  readonly actor: string;
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
  const { pipelineId, pipeline, triggers, actor } = declared;
  const stored = await listStored(tx, pipelineId);
  const changed = triggers
    .map((trigger) => ({ trigger, hash: hashOf(trigger), before: stored.get(trigger.name) }))
    .filter(({ hash, before }) => !before || before.removed || before.hash !== hash);
  await saveTriggers(tx, pipelineId, changed);
  const named = new Set(triggers.map(({ name }) => name));
  const gone = [...stored.values()].filter(({ name, removed }) => !removed && !named.has(name));
  await markRemoved(tx, pipelineId, gone);
  const changes = [
    ...changed.map(({ trigger: { name, kind }, hash, before }) => {
      const action = before && !before.removed ? 'changed' : 'created';
      return { pipeline, trigger: name, action, actor, details: { kind, hash } };
    }),
    ...gone.map(({ name }) => {
      return { pipeline, trigger: name, action: 'removed', actor, details: {} };
    }),
  ];
  await recordChanges(tx, changes);
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

async function saveTriggers(
  tx: Db,
  pipelineId: number,
  changed: readonly { readonly trigger: PlannedTrigger; readonly hash: string }[],
): Promise<void> {
  if (changed.length === 0) return;
  const rows = changed.map(({ trigger, hash }) => {
    const { name, kind } = trigger;
    return { pipeline_id: pipelineId, name, kind, hash, definition: postgresJson(trigger) };
  });
  await tx
    .insertInto('trigger')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['pipeline_id', 'name']).doUpdateSet((row) => ({
        kind: row.ref('excluded.kind'),
        hash: row.ref('excluded.hash'),
        definition: row.ref('excluded.definition'),
        updated_at: sql`clock_timestamp()`,
        times_since: sql`case when trigger.removed_at is null
          and ${timesOf('trigger')} is not distinct from ${timesOf('excluded')}
          then trigger.times_since else clock_timestamp() end`,
        removed_at: null,
      })),
    )
    .execute();
}

/** What says for which fire times it starts runs, and which of those it missed are made up for. */
function timesOf(row: 'trigger' | 'excluded') {
  const other = ['jitterMs', 'overlap', 'catchupWindowMs', 'pauseAfterFailures'];
  return sql`(${sql.ref(`${row}.definition`)} -> 'schedule') - ${other}::text[]`;
}

async function markRemoved(tx: Db, pipelineId: number, gone: readonly Stored[]): Promise<void> {
  if (gone.length === 0) return;
  const names = gone.map(({ name }) => name);
  await tx
    .updateTable('trigger')
    .set({ removed_at: sql`clock_timestamp()`, updated_at: sql`clock_timestamp()` })
    .where('pipeline_id', '=', pipelineId)
    .where('name', 'in', names)
    .where('removed_at', 'is', null)
    .execute();
}
