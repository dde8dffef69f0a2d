import { sql } from 'kysely';
import type { PlannedTrigger } from '../../plan/plan.ts';
import type { Db } from '../database.ts';
import { PREPARED } from '../prepared.ts';

export type PlannedEventTrigger = Extract<PlannedTrigger, { readonly kind: 'event' }>;

/** A trigger that waits for events. */
export interface EventTriggerRow {
  readonly id: number;
  readonly name: string;
  readonly pipeline: string;
  readonly project: string | null;
  readonly paused: boolean;
  readonly definition: PlannedEventTrigger;
}

/** In the order in which they were declared. */
export async function listEventTriggers(db: Db): Promise<EventTriggerRow[]> {
  const { rows } = await sql<EventTriggerRow>`
    ${PREPARED} select t.id, t.name, p.name as pipeline, p.project, t.paused, t.definition
    from trigger t join pipeline p on p.id = t.pipeline_id
    where t.kind = 'event' and t.removed_at is null and p.removed_at is null
    order by t.id`.execute(db);
  return rows;
}
