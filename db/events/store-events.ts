import { sql } from 'kysely';
import { postgresJson, type JsonObject } from '../../runtime/json.ts';
import type { Db } from '../database.ts';
import { PREPARED } from '../prepared.ts';

/** The channel on which is announced that events wait, or a run for them is due. */
export const EVENT_CHANNEL = 'highwater_event';

export interface NewEvent {
  readonly source: string;
  /** What tells it from other events of its source. */
  readonly eventId: string;
  readonly type: string;
  /** As CloudEvents 1.0 has it in JSON. */
  readonly body: JsonObject;
}

export interface StoredEvent {
  readonly id: number;
  /** False: it was here already, and stays as it was. */
  readonly isNew: boolean;
}

/** Keeps events, each of a source and id once. Answers them in the order given. */
export async function storeEvents(db: Db, events: readonly NewEvent[]): Promise<StoredEvent[]> {
  const stored = await insertEvents(db, events);
  const missing = events.filter((event) => !stored.has(keyOf(event)));
  const earlier = missing.length === 0 ? stored : await findEvents(db, missing);
  const told = new Set<string>();
  return events.map((event) => {
    const key = keyOf(event);
    const id = stored.get(key) ?? earlier.get(key);
    if (id === undefined) throw new Error(`Event ${event.eventId} was neither stored nor found`);
    const isNew = stored.has(key) && !told.has(key);
    told.add(key);
    return { id, isNew };
  });
}

type Ids = Map<string, number>;
interface Row {
  readonly id: number;
  readonly source: string;
  readonly event_id: string;
}

async function insertEvents(db: Db, events: readonly NewEvent[]): Promise<Ids> {
  const { rows } = await sql<Row>`
    ${PREPARED} with stored as (
      insert into event (source, event_id, type, body)
      select e.source, e."eventId", e.type, e.body
      from rows from (jsonb_to_recordset(${postgresJson(events)}::jsonb)
        as (source text, "eventId" text, type text, body jsonb)) with ordinality
        as e(source, "eventId", type, body, ord)
      order by ord
      on conflict (source, event_id) do nothing
      returning id, source, event_id
    ), told as (select pg_notify(${EVENT_CHANNEL}, '') from stored limit 1)
    select s.* from stored s left join told on true`.execute(db);
  return toIds(rows);
}

async function findEvents(db: Db, events: readonly NewEvent[]): Promise<Ids> {
  const { rows } = await sql<Row>`
    select e.id, e.source, e.event_id from event e
    join unnest(${events.map(({ source }) => source)}::text[],
      ${events.map(({ eventId }) => eventId)}::text[]) as k (source, event_id)
      on e.source = k.source and e.event_id = k.event_id`.execute(db);
  return toIds(rows);
}

function toIds(rows: readonly Row[]): Ids {
  return new Map(
    rows.map(({ id, source, event_id }) => [keyOf({ source, eventId: event_id }), id]),
  );
}

function keyOf({ source, eventId }: Pick<NewEvent, 'source' | 'eventId'>): string {
  return JSON.stringify([source, eventId]);
}
