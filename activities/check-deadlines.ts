import { performance } from 'node:perf_hooks';
import { checkDeadlines } from '../db/standings/check-deadlines.ts';
import type { Db } from '../db/database.ts';
import { beginCheck, planSleep } from '../db/standings/watch.ts';
import type { NextCheck } from '../workflows/activities.ts';

/**
 * The watch rests this many times as long as it worked, so that it never takes more than a sixth of the
 * time.
 */
const REST = 5;
const LEAST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/** Looks at what is due, and tells the watch when to look again. */
export async function checkNow(db: Db): Promise<NextCheck> {
  const began = performance.now();
  await beginCheck(db);
  const next = await checkDeadlines(db);
  const rest = Math.ceil(REST * (performance.now() - began));
  const pauseMs = Math.min(Math.max(rest, LEAST_PAUSE_MS), LONGEST_PAUSE_MS);
  return { pauseMs, sleepMs: await planSleep(db, next, pauseMs) };
}
