import type { EventRecord, MatchRecord } from '../../db/events/event-records.ts';
import type { Event, EventMatch, EventSummary } from '../contract/event.ts';

export function toEventSummary(record: EventRecord): EventSummary {
  const { id, source, event_id, type, body, received_at, state, runs } = record;
  const { subject } = body;
  return {
    ...{ id, source, event_id, type, state },
    subject: typeof subject === 'string' ? subject : null,
    received_at: received_at.toISOString(),
    runs: [...runs],
    links: { self: `/api/events/${id}` },
  };
}

export function toEvent(record: EventRecord, matches: readonly MatchRecord[]): Event {
  const { body, depth } = record;
  return { ...toEventSummary(record), event: { ...body }, depth, matches: matches.map(toMatch) };
}

function toMatch({ triggerId: _, due_at, matched_at, ...match }: MatchRecord): EventMatch {
  return {
    ...match,
    due_at: due_at?.toISOString() ?? null,
    matched_at: matched_at.toISOString(),
  };
}
