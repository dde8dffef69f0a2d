import type { EventRule } from './event-rule.ts';

/** An event that a trigger takes. */
export interface Join {
  readonly triggerId: number;
  /** With what it waits together; empty where nothing waits. */
  readonly key: string;
  readonly rule: Pick<EventRule, 'debounce' | 'batch'>;
  /** How many runs and events led to it. */
  readonly depth: number;
}

/** The events that one run is for. Times are in milliseconds since 1970. */
export interface Group {
  /** Null: it is new. */
  readonly id: number | null;
  readonly triggerId: number;
  readonly key: string;
  /** Whether more events may join. */
  readonly open: boolean;
  readonly events: number;
  readonly depth: number;
  /** When its run starts. */
  readonly dueMs: number;
  /** However many more events come, it starts by then. */
  readonly latestMs: number;
}

export interface Grouping {
  /** Those that are new or have changed. */
  readonly groups: readonly Group[];
  /** For each event that joined: the place of its group in `groups`. */
  readonly places: readonly number[];
}

/** Puts events, in their order, into the groups that are open, and into new ones. */
export function groupEvents(
  joins: readonly Join[],
  open: readonly Group[],
  nowMs: number,
): Grouping {
  const known = new Map(open.map((group) => [placeOf(group), group]));
  const current = new Map<string, number>();
  const groups: Group[] = [];
  const places = joins.map((join) => {
    const place = placeOf(join);
    const at = current.get(place);
    const before = at === undefined ? known.get(place) : groups[at];
    const mayJoin = before?.open === true && nowMs < before.latestMs;
    if (before?.open && !mayJoin) groups.push({ ...before, open: false });
    const group = mayJoin ? joined(before, join, nowMs) : begun(join, nowMs);
    const index = mayJoin && at !== undefined ? at : groups.length;
    groups[index] = group;
    current.set(place, index);
    return index;
  });
  return { groups, places };
}

function placeOf({ triggerId, key }: { readonly triggerId: number; readonly key: string }): string {
  return `${triggerId}:${key}`;
}

function begun({ triggerId, key, rule, depth }: Join, nowMs: number): Group {
  const { debounce, batch } = rule;
  const first = { id: null, triggerId, key, events: 1, depth };
  if (debounce) {
    const latestMs = nowMs + debounce.maxWaitMs;
    return { ...first, open: true, dueMs: Math.min(nowMs + debounce.quietMs, latestMs), latestMs };
  }
  if (batch && batch.max > 1) {
    const latestMs = nowMs + batch.windowMs;
    return { ...first, open: true, dueMs: latestMs, latestMs };
  }
  return { ...first, open: false, dueMs: nowMs, latestMs: nowMs };
}

function joined(group: Group, { rule, depth }: Join, nowMs: number): Group {
  const more = { ...group, events: group.events + 1, depth: Math.max(group.depth, depth) };
  const { debounce, batch } = rule;
  if (debounce) return { ...more, dueMs: Math.min(nowMs + debounce.quietMs, group.latestMs) };
  const isFull = batch === undefined || more.events >= batch.max;
  return isFull ? { ...more, open: false, dueMs: nowMs } : more;
}
