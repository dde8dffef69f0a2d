import type { Standing } from './standing.ts';
import { deadlineAfter, type Threshold } from './threshold.ts';

/** `waiting`: it never wrote, and still has time for it. `off`: nothing is expected of it. */
export const FRESHNESS_STATES = ['late', 'waiting', 'fresh', 'off'] as const;
export type FreshnessState = (typeof FRESHNESS_STATES)[number];

export type FreshnessReason = 'no_new_data' | 'never_wrote' | 'wrote' | 'inactive' | 'no_threshold';

export interface FreshnessFacts {
  readonly active: boolean;
  readonly threshold: Threshold | null;
  /** When it last inserted, updated or deleted rows. */
  readonly lastDml: Date | null;
  /** From when on it could have written. */
  readonly knownSince: Date;
}

export type Freshness = Standing<FreshnessState, FreshnessReason>;

/** Is the data new? At the deadline itself it still is. */
export function judgeFreshness(facts: FreshnessFacts, now: Date): Freshness {
  const { active, threshold, lastDml, knownSince } = facts;
  if (!active) return { state: 'off', since: now, reason: 'inactive', deadline: null };
  if (!threshold) return { state: 'off', since: now, reason: 'no_threshold', deadline: null };

  const wrote = lastDml !== null;
  const start = lastDml ?? knownSince;
  const deadline = deadlineAfter(start, threshold);
  if (deadline < now) {
    const reason = wrote ? 'no_new_data' : 'never_wrote';
    return { state: 'late', since: deadline, reason, deadline };
  }
  return wrote
    ? { state: 'fresh', since: start, reason: 'wrote', deadline }
    : { state: 'waiting', since: start, reason: 'never_wrote', deadline };
}
