import { sql } from 'kysely';
import { postgresJson, type JsonObject } from '../../runtime/json.ts';
import type { Db } from '../database.ts';
import { PREPARED } from '../prepared.ts';
import type { PlannedEventTrigger } from './event-triggers.ts';
import type { Reason } from './match-events.ts';

/** What a run is to be started for now, by whoever has claimed it. */
export interface DueGroup {
  readonly id: number;
  readonly triggerId: number;
  readonly trigger: string;
  readonly pipeline: string;
  readonly paused: boolean;
  readonly removed: boolean;
  readonly definition: PlannedEventTrigger;
  /** Somebody claimed it before, and may have started the run. */
  readonly again: boolean;
  /** With a batch all of them, in the order of their coming; otherwise the last one. */
  readonly events: readonly JsonObject[];
}

/** Claims groups of a project's pipelines that are due, for so long; nothing joins them any more. */
export async function claimDue(
  db: Db,
  project: string,
  most: number,
  leaseMs: number,
): Promise<DueGroup[]> {
  const { rows } = await sql<DueGroup>`
    ${PREPARED} with due as (
      select g.id, g.claimed_until is not null as again
      from event_group g join trigger t on t.id = g.trigger_id join pipeline p on p.id = t.pipeline_id
      where g.state = 'waiting' and g.due_at <= clock_timestamp() and p.project = ${project}
        and (g.claimed_until is null or g.claimed_until < clock_timestamp())
      order by g.due_at limit ${most} for update of g skip locked
    ), claimed as (
      update event_group g set open = false,
        claimed_until = clock_timestamp() + ${leaseMs} * interval '1 millisecond'
      from due where g.id = due.id
      returning g.id, g.trigger_id, due.again
    )
    select c.id, c.trigger_id as "triggerId", t.name as trigger, p.name as pipeline, t.paused,
      t.removed_at is not null as removed, t.definition, c.again,
      coalesce((select jsonb_agg(l.body order by l.id) from (
        select m.id, e.body from event_match m join event e on e.id = m.event_id
        where m.group_id = c.id order by m.id desc
        limit case when t.definition->'event' ? 'batch' then null else 1 end) l), '[]') as events
    from claimed c join trigger t on t.id = c.trigger_id join pipeline p on p.id = t.pipeline_id
    order by c.id`.execute(db);
  return rows;
}

/** Milliseconds until the next group of a project is due or a claim on one runs out; null: none waits. */
export async function untilNextDue(db: Db, project: string): Promise<number | null> {
  const { rows } = await sql<{ ms: number | null }>`
    ${PREPARED} select extract(epoch from min(greatest(g.due_at, g.claimed_until)) - clock_timestamp())::float8 * 1000 as ms
    from event_group g join trigger t on t.id = g.trigger_id join pipeline p on p.id = t.pipeline_id
    where g.state = 'waiting' and p.project = ${project}`.execute(db);
  const ms = rows[0]?.ms ?? null;
  return ms === null ? null : Math.max(0, ms);
}

/** Its run is there. */
export async function markStarted(db: Db, id: number, executionId: number): Promise<void> {
  await sql`
    ${PREPARED} update event_group set state = 'started', execution_id = ${executionId},
      closed_at = clock_timestamp()
    where id = ${id} and state = 'waiting'`.execute(db);
}

/** No run is started for it. */
export async function markUnstarted(
  db: Db,
  id: number,
  state: 'skipped' | 'dead',
  reason: Reason,
): Promise<void> {
  await sql`
    update event_group set state = ${state}, reason = ${postgresJson(reason)}::jsonb,
      closed_at = clock_timestamp()
    where id = ${id} and state = 'waiting'`.execute(db);
}
