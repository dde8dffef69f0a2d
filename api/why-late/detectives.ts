import { findBroken } from './broken.ts';
import { findCancelled } from './cancelled.ts';
import { findFailing } from './failing.ts';
import { findMissedStart } from './missed-start.ts';
import { findNoWorker } from './no-worker.ts';
import { findNotStarted } from './not-started.ts';
import { findPaused } from './paused.ts';
import { findQueued } from './queued.ts';
import { findRetrying } from './retrying.ts';
import { findSkipped } from './skipped.ts';
import { findSlow } from './slow.ts';
import { findStackDown } from './stack-down.ts';
import type { Detective } from './subject.ts';
import { findUpstreamStale } from './upstream-stale.ts';
import { findWaiting } from './waiting.ts';
import { findWroteNothing } from './wrote-nothing.ts';

/**
 * Everybody who looks for a cause. Another kind of cause is one more line here, and its place in
 * `CAUSE_KINDS`.
 */
export const DETECTIVES: readonly Detective[] = [
  findStackDown,
  findNoWorker,
  findWaiting,
  findQueued,
  findSkipped,
  findPaused,
  findMissedStart,
  findBroken,
  findNotStarted,
  findFailing,
  findCancelled,
  findRetrying,
  findWroteNothing,
  findSlow,
  findUpstreamStale,
];
