import type { Request } from 'express';
import type { BoardEntry } from '../../db/standings/boards.ts';
import type { Standing } from '../../metadata/standing.ts';
import { fromCursor, toCursor } from '../http/cursor.ts';
import { nextPage } from '../http/next-page.ts';

const PAGE = 200;

interface Query<State> {
  readonly state?: readonly State[] | undefined;
  readonly cursor?: string | undefined;
  readonly limit?: number | undefined;
}

/**
 * The page that was asked for: the states in the given order, the late ones by how long they are late,
 * the others by what is due next.
 */
export function arrange<State extends string, Entry extends BoardEntry<Standing<State, string>>>(
  entries: readonly Entry[],
  states: readonly State[],
  { state, cursor, limit = PAGE }: Query<State>,
  request: Request,
) {
  const wanted = new Set(state ?? states.filter((each) => each !== 'off'));
  const sorted = entries
    .filter(({ standing }) => wanted.has(standing.state))
    .sort((a, b) => rank(a, states) - rank(b, states) || momentOf(a) - momentOf(b));
  const from = cursor === undefined ? 0 : fromCursor(cursor);
  const next = from + limit < sorted.length ? toCursor(from + limit) : null;
  return {
    counts: countStates(entries, states),
    entries: sorted.slice(from, from + limit),
    cursor: next,
    links: { next: next === null ? null : nextPage(request, next) },
  };
}

function rank<State extends string>(
  { standing }: BoardEntry<Standing<State, string>>,
  states: readonly State[],
): number {
  return states.indexOf(standing.state);
}

function momentOf({ standing }: BoardEntry<Standing<string, string>>): number {
  const { state, since, deadline } = standing;
  return state === 'late' ? since.getTime() : (deadline?.getTime() ?? Number.MAX_SAFE_INTEGER);
}

function countStates<State extends string>(
  entries: readonly BoardEntry<Standing<State, string>>[],
  states: readonly State[],
): Record<State, number> {
  const counts = Object.fromEntries(states.map((state) => [state, 0])) as Record<State, number>;
  for (const { standing } of entries) counts[standing.state] += 1;
  return counts;
}
