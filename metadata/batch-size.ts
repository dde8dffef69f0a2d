/** A transaction of about this many milliseconds holds nobody up. */
const AIM_MS = 100;
const LEAST = 50;
export const FIRST_BATCH = 250;

/** How many rows to take next, after so many took so long; never more than twice as many as before. */
export function nextBatchSize(size: number, tookMs: number, most: number): number {
  const fitting = Math.floor(size * Math.min(2, AIM_MS / Math.max(1, tookMs)));
  return Math.min(most, Math.max(LEAST, fitting));
}
