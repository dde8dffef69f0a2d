/** A start that something, such as a trigger, promises. */
export interface ExpectedStart {
  readonly pipelineId: number;
  /** What promises it, such as the name of a trigger. */
  readonly by: string;
  readonly at: Date;
  /** How long after `at` it may come. */
  readonly graceMs: number;
}

export interface MissedStart {
  readonly by: string;
  readonly at: Date;
  /** The end of its grace. */
  readonly deadline: Date;
}

/**
 * The first promised start of one pipeline after which none came. A run that was asked for at the
 * promised moment or later keeps every promise up to then.
 */
export function findMissedStart(
  expected: readonly ExpectedStart[],
  newestStart: Date | null,
  now: Date,
): MissedStart | null {
  const missed = open(expected, newestStart).filter(({ deadline }) => deadline < now);
  return missed.sort((a, b) => a.at.getTime() - b.at.getTime())[0] ?? null;
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
    .map(({ by, at, graceMs }) => ({ by, at, deadline: new Date(at.getTime() + graceMs) }));
}
