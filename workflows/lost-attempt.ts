import { ApplicationFailure, CancellationScope } from '@temporalio/workflow';
import { WORKER_LOST } from './activities.ts';
import { attemptOf, wasLost } from './failure.ts';

/** A worker that dies is not the block's fault, but something kills a worker that dies this often. */
const LOST_LIMIT = 10;

/**
 * Returns if the attempt ended with its worker and is to be made again, and throws what its block ends with if not:
 * it failed by itself, its run is being cancelled, or too many were lost before it. `attempt` is its number, or the
 * least that it can be.
 */
export function forgiveLoss(failure: unknown, attempt: number, losses: number): void {
  if (!wasLost(failure)) throw failure;
  if (losses < LOST_LIMIT && !CancellationScope.current().consideredCancelled) return;
  if (attemptOf(failure) !== undefined) throw failure;
  const message = 'Workers went away during every attempt';
  throw ApplicationFailure.create({ type: WORKER_LOST, message, details: [attempt] });
}
