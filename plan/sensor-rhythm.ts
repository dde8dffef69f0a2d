import type { SensorTimes } from './plan.ts';

/** Sensors that began together are not to look together for ever: a wait may be this much longer or shorter. */
const SPREAD = 0.1;

/**
 * When a sensor looks again, in ms since the epoch: at the latest when its time is over. `checks` are those
 * done so far; `random` is from 0 to 1.
 */
export function nextCheck(
  { intervalMs, backoff, maxMs, timeoutMs }: SensorTimes,
  { since, checks }: { readonly since: number; readonly checks: number },
  now: number,
  random: number,
): number {
  const pauseMs = Math.min(intervalMs * backoff ** (checks - 1), maxMs);
  const spreadMs = pauseMs * (1 - SPREAD + 2 * SPREAD * random);
  return Math.min(Math.round(now + spreadMs), since + timeoutMs);
}
