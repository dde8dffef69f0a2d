/** A transaction of about this many milliseconds holds nobody up. */
const AIM_MS = 150;
/** On a busy server it takes longer, but less than that makes no progress worth its trouble. */
const LEAST = 250;
export const FIRST_BATCH = 500;

/** How many rows to take next, after so many took so long; never more than twice as many as before. */
export function nextBatchSize(size: number, tookMs: number, most: number): number {
  const fitting = Math.floor(size * Math.min(2, AIM_MS / Math.max(1, tookMs)));
  return Math.min(most, Math.max(LEAST, fitting));
}
