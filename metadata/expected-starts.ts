/** A start that something, such as a trigger, promises. */
export interface ExpectedStart {
  readonly pipelineId: number;
  /** What promises it, such as the name of a trigger. */
  readonly by: string;
  /** The trigger that promises it; null: something else does. */
  readonly triggerId: number | null;
  readonly at: Date;
  /** How long after `at` it may come. */
  readonly graceMs: number;
}

export interface MissedStart {
  readonly by: string;
  readonly triggerId: number | null;
  readonly at: Date;
  /** The end of its grace. */
  readonly deadline: Date;
}

/**
 * Of whatever promises starts of one pipeline the first one after which none came; the one whose grace
 * ended first comes first. A run that was asked for at the promised moment or later keeps every promise
 * up to then.
 */
export function findMissedStarts(
  expected: readonly ExpectedStart[],
  newestStart: Date | null,
  now: Date,
): MissedStart[] {
  const missed = open(expected, newestStart)
    .filter(({ deadline }) => deadline < now)
    .sort((a, b) => a.deadline.getTime() - b.deadline.getTime());
  return missed.filter((one, at) => missed.findIndex(({ by }) => by === one.by) === at);
}

/** When the next of these starts would be missed; null when none is open. */
export function nextMissable(
  expected: readonly ExpectedStart[],
  newestStart: Date | null,
  now: Date,
): Date | null {
  const times = open(expected, newestStart)
    .map(({ deadline }) => deadline.getTime())
    .filter((time) => time >= now.getTime());
  return times.length === 0 ? null : new Date(Math.min(...times));
}

function open(expected: readonly ExpectedStart[], newestStart: Date | null): MissedStart[] {
  return expected
    .filter(({ at }) => newestStart === null || newestStart < at)
    .map(({ by, triggerId, at, graceMs }) => ({
      by,
      triggerId,
      at,
      deadline: new Date(at.getTime() + graceMs),
    }));
}
