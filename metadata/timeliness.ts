import type { MissedStart } from './expected-starts.ts';
import { earliest, type Standing } from './standing.ts';
import { deadlineAfter, type Threshold } from './threshold.ts';

/** `waiting`: no run has ended well yet, and none is late. `off`: nothing is expected of it. */
export const TIMELINESS_STATES = ['late', 'waiting', 'on_time', 'off'] as const;
export type TimelinessState = (typeof TIMELINESS_STATES)[number];

export type TimelinessReason =
  | 'still_running'
  | 'failed'
  | 'not_started'
  | 'ended_late'
  | 'ended_in_time'
  | 'no_success_yet'
  | 'inactive'
  | 'no_threshold';

interface Began {
  readonly id: number;
  readonly start: Date;
}

/** A pipeline's newest success, and what came after it. */
export interface RecentRuns {
  readonly success: (Began & { readonly end: Date }) | null;
  /** The first that failed since then. */
  readonly failure: Began | null;
  /** Of those that began since then and run, the one that began first. */
  readonly running: Began | null;
}

export interface TimelinessFacts extends RecentRuns {
  readonly active: boolean;
  readonly threshold: Threshold | null;
  /** Starts that triggers promised and that did not come. */
  readonly missed: readonly MissedStart[];
  /** Whether some trigger promises starts. */
  readonly isScheduled: boolean;
  readonly knownSince: Date;
}

export interface Timeliness extends Standing<TimelinessState, TimelinessReason> {
  /** The run that makes it so. */
  readonly executionId: number | null;
}

/**
 * Do its runs end in time? A run that failed has until its own deadline for another one to succeed. A
 * success makes up for every run before it. Of several reasons to be late the oldest is told.
 */
export function judgeTimeliness(facts: TimelinessFacts, now: Date): Timeliness {
  if (!facts.active) return off('inactive', now);
  if (!facts.threshold && !facts.isScheduled) return off('no_threshold', now);

  const dues = listDues(facts);
  const due = dues.find(({ deadline }) => deadline < now);
  if (due) {
    const { deadline, reason, executionId } = due;
    return { state: 'late', since: deadline, reason, deadline, executionId };
  }
  return judgeSuccess(facts, earliest(dues.map(({ deadline }) => deadline)));
}

function off(reason: 'inactive' | 'no_threshold', now: Date): Timeliness {
  return { state: 'off', since: now, reason, deadline: null, executionId: null };
}

/** What a pipeline owes until its deadline: a start, or the success of a run. */
export interface Due {
  readonly reason: 'not_started' | 'failed' | 'still_running';
  readonly deadline: Date;
  readonly executionId: number | null;
  readonly missed: MissedStart | null;
}

/** What is still owed, in the order in which it is due; nothing by an inactive pipeline. */
export function listDues({ active, failure, running, missed, threshold }: TimelinessFacts): Due[] {
  if (!active) return [];
  const dues = missed.map((start): Due => {
    const { deadline } = start;
    return { reason: 'not_started', deadline, executionId: null, missed: start };
  });
  for (const [run, reason] of [
    [failure, 'failed'],
    [running, 'still_running'],
  ] as const) {
    if (!run || !threshold) continue;
    const deadline = deadlineAfter(run.start, threshold);
    dues.push({ reason, deadline, executionId: run.id, missed: null });
  }
  return dues.sort((a, b) => a.deadline.getTime() - b.deadline.getTime());
}

function judgeSuccess(
  { success, threshold, knownSince }: TimelinessFacts,
  deadline: Date | null,
): Timeliness {
  if (!success) {
    const [state, reason] = ['waiting', 'no_success_yet'] as const;
    return { state, since: knownSince, reason, deadline, executionId: null };
  }
  const { id: executionId, end } = success;
  const due = threshold && deadlineAfter(success.start, threshold);
  if (due && end > due) {
    return { state: 'late', since: due, reason: 'ended_late', deadline, executionId };
  }
  return { state: 'on_time', since: end, reason: 'ended_in_time', deadline, executionId };
}
