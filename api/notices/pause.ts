const FIRST_MS = 2_000;
const LONGEST_MS = 15 * 60_000;
const GIVE_UP_MS = 24 * 3_600_000;
/** After a day without any API process, a receiver still gets its tries. */
const LEAST_ATTEMPTS = 10;

export interface FailedAttempt {
  /** From 1. */
  readonly attempt: number;
  /** Since the delivery was asked for. */
  readonly ageMs: number;
  readonly retryAfterMs: number | null;
}

/**
 * How long to wait before the next attempt: twice as long each time, up to 15 minutes, a random part of
 * it less, so that deliveries do not come back all together; at least as long as the receiver asks.
 * Null: a day is over, give up.
 */
export function pauseAfter(
  { attempt, ageMs, retryAfterMs }: FailedAttempt,
  random = Math.random(),
): number | null {
  if (ageMs >= GIVE_UP_MS && attempt >= LEAST_ATTEMPTS) return null;
  const grown = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 20));
  const pause = grown * (0.5 + random / 2);
  return Math.max(pause, Math.min(retryAfterMs ?? 0, GIVE_UP_MS));
}
