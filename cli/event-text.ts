import pc from 'picocolors';
import type { Event, EventMatch, EventSummary } from '../api/contract/event.ts';
import { inColumns } from './columns.ts';

type Colour = (text: string) => string;

const STATES: Readonly<Record<EventSummary['state'], Colour>> = {
  received: pc.yellow,
  matched: pc.green,
  unmatched: pc.dim,
  dead: pc.red,
};
const MATCHES: Readonly<Record<EventMatch['state'], Colour>> = {
  waiting: pc.yellow,
  started: pc.green,
  duplicate: pc.dim,
  skipped: pc.yellow,
  dead: pc.red,
};

export function drawEvents(events: readonly EventSummary[]): string[] {
  if (events.length === 0) return ['No events.'];
  const head = ['EVENT', 'STATE', 'RECEIVED', 'TYPE', 'SOURCE', 'ID', 'RUNS'];
  const rows = events.map(({ id, state, received_at, type, source, event_id, runs }) => [
    String(id),
    STATES[state](state),
    localTime(received_at),
    type,
    source,
    event_id,
    runs.join(' '),
  ]);
  return inColumns([head.map((title) => pc.dim(title)), ...rows]);
}

export function drawEvent(event: Event): string[] {
  const { id, state, type, source, event_id, received_at } = event;
  return [
    `${pc.bold(`Event ${id}`)} ${STATES[state](state)}`,
    ...inColumns([
      [pc.dim('type'), type],
      [pc.dim('source'), source],
      [pc.dim('id'), event_id],
      [pc.dim('received'), localTime(received_at)],
    ]),
    '',
    JSON.stringify(event.event, null, 2),
    '',
    ...drawMatches(event.matches),
  ];
}

function drawMatches(matches: readonly EventMatch[]): string[] {
  if (matches.length === 0) return ['No trigger waits for it.'];
  const head = ['TRIGGER', 'STATE', 'RUN', 'EVENTS', 'WHY'];
  const rows = matches.map(({ pipeline, trigger, state, run, events, reason, due_at }) => [
    `${pipeline}/${trigger}`,
    MATCHES[state](state),
    run === null ? '' : String(run),
    String(events),
    reason?.message ?? (due_at === null ? '' : `starts at ${localTime(due_at)}`),
  ]);
  return inColumns([head.map((title) => pc.dim(title)), ...rows]);
}

/** `2026-01-31 12:00:00` in the time zone of the reader. */
function localTime(time: string): string {
  return new Date(time).toLocaleString('sv-SE');
}
