import { proxyActivities, type ActivityOptions } from '@temporalio/workflow';
import type { Policy } from '../plan/plan.ts';
import type { RouteBlock } from '../plan/route.ts';
import type { BlockOutput, RunBlock, RunContext } from './activities.ts';

/**
 * The worker keeps to an attempt's timeout and the block's deadline; Temporal's bound is for a worker that can't. An
 * attempt's time begins when there is a host for it, and the first one of a language may have packages to install.
 * With a bound on all attempts Temporal would sort the timers of every block that waits each time one moves on.
 */
const GRACE_MS = 15 * 60_000;
const HEARTBEAT_TIMEOUT = '10 seconds';

export interface BlockCall {
  readonly run: RunContext;
  readonly block: RouteBlock;
  readonly policy: Policy;
  readonly inputs: Readonly<Record<string, BlockOutput>>;
}

/**
 * `more` says what this one call does otherwise than the block's policy. The kind of the block would make a good
 * summary, but that is one more payload for each activity on every way, and the run's details show the kind.
 */
export function activityFor({ name }: RouteBlock, policy: Policy, more: ActivityOptions): RunBlock {
  const { attempts, initialMs, backoff, maxMs } = policy.retry;
  const activities = proxyActivities<Record<string, RunBlock>>({
    startToCloseTimeout: policy.timeoutMs + GRACE_MS,
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    retry: {
      maximumAttempts: attempts,
      initialInterval: initialMs,
      backoffCoefficient: backoff,
      maximumInterval: maxMs,
    },
    ...more,
  });
  const activity = activities[name];
  if (!activity) throw new Error(`No activity ${name}`);
  return activity;
}
