import type { Policy } from '../plan/plan.ts';

/**
 * How long an attempt may take that begins now, in ms; not above 0 when the deadline of all attempts has passed.
 * `scheduledAt`: when the first one was scheduled, in ms since the epoch.
 */
export function timeLeft(
  { timeoutMs, deadlineMs }: Policy,
  scheduledAt: number,
  now = Date.now(),
): number {
  return Math.min(timeoutMs, scheduledAt + deadlineMs - now);
}

/** Whether Temporal would begin the attempt after this one before the deadline; `attempt` counts from 1. */
export function mayTryAgain(
  { retry, deadlineMs }: Policy,
  attempt: number,
  scheduledAt: number,
  now = Date.now(),
): boolean {
  const pause = Math.min(retry.maxMs, retry.initialMs * retry.backoff ** (attempt - 1));
  return now + pause < scheduledAt + deadlineMs;
}
