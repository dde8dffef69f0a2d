import { sql } from 'kysely';
import { Fault } from '../../runtime/fault.ts';
import type { Db } from '../database.ts';
import type { Reason, WaitingEvent } from './match-events.ts';

export type EventState = 'received' | 'matched' | 'unmatched' | 'dead';

/** An event as its rows tell it. */
export interface EventRecord extends WaitingEvent {
  readonly event_id: string;
  readonly received_at: Date;
  readonly state: EventState;
  /** The runs that were started for it. */
  readonly runs: readonly number[];
}

export interface EventFilter {
  readonly type?: string | undefined;
  readonly source?: string | undefined;
  readonly state?: EventState | undefined;
  /** Only events that came before this one. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** What a trigger made of an event. */
export interface MatchRecord {
  readonly pipeline: string;
  readonly trigger: string;
  readonly triggerId: number;
  readonly state: 'waiting' | 'started' | 'duplicate' | 'skipped' | 'dead';
  readonly run: number | null;
  readonly events: number;
  readonly due_at: Date | null;
  readonly reason: Reason | null;
  readonly matched_at: Date;
}

const STATE = sql`
  case when e.matched_at is null then 'received'
    when not exists (select from event_match m where m.event_id = e.id) then 'unmatched'
    when exists (
      select from (
        select distinct on (m.trigger_id) coalesce(g.state, m.state) as state
        from event_match m left join event_group g on g.id = m.group_id
        where m.event_id = e.id order by m.trigger_id, m.id desc) l
      where l.state = 'dead') then 'dead'
    else 'matched' end`;

const RECORD = sql`
  select e.id, e.source, e.type, e.body, e.depth, e.event_id, e.received_at, ${STATE} as state,
    coalesce((select jsonb_agg(distinct g.execution_id)
      from event_match m join event_group g on g.id = m.group_id
      where m.event_id = e.id and g.execution_id is not null), '[]') as runs
  from event e`;

export async function getEvent(db: Db, id: number): Promise<EventRecord> {
  const { rows } = await sql<EventRecord>`${RECORD} where e.id = ${id}`.execute(db);
  if (!rows[0]) throw new Fault('event.not_found', `No event ${id}`);
  return rows[0];
}

/** The newest first. */
export async function listEvents(db: Db, filter: EventFilter): Promise<EventRecord[]> {
  const { type, source, state, before, limit } = filter;
  const { rows } = await sql<EventRecord>`
    ${RECORD} where true
      ${type === undefined ? sql`` : sql`and e.type = ${type}`}
      ${source === undefined ? sql`` : sql`and e.source = ${source}`}
      ${before === undefined ? sql`` : sql`and e.id < ${before}`}
      ${state === undefined ? sql`` : sql`and ${STATE} = ${state}`}
    order by e.id desc limit ${limit}`.execute(db);
  return rows;
}

/** In the order of their making. */
export async function listMatches(db: Db, eventId: number): Promise<MatchRecord[]> {
  const { rows } = await sql<MatchRecord>`
    select p.name as pipeline, t.name as trigger, t.id as "triggerId",
      coalesce(g.state, m.state) as state, g.execution_id as run, coalesce(g.events, 1) as events,
      case when g.state = 'waiting' then g.due_at end as due_at, coalesce(g.reason, m.reason) as reason,
      m.matched_at
    from event_match m
    join trigger t on t.id = m.trigger_id join pipeline p on p.id = t.pipeline_id
    left join event_group g on g.id = m.group_id
    where m.event_id = ${eventId} order by m.id`.execute(db);
  return rows;
}
