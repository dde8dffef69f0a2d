import {
  ApplicationFailure,
  CancellationScope,
  executeChild,
  proxyActivities,
} from '@temporalio/workflow';
import type { Policy } from '../plan/plan.ts';
import type { RouteBlock } from '../plan/route.ts';
import type { Json } from '../runtime/json.ts';
import type { BlockOutput, RunBlock, RunContext } from './activities.ts';
import { wasLost } from './failure.ts';
import { searchAttributes } from './search-attributes.ts';

/** A worker that dies is not the block's fault, but something kills a worker that dies this often. */
const LOST_LIMIT = 10;
/**
 * The worker ends an overdue attempt itself; Temporal's bound is for a worker that can't. An attempt's time
 * begins when there is a host for it, and the first one of a language may have packages to install.
 */
const GRACE_MS = 15 * 60_000;
const HEARTBEAT_TIMEOUT = '10 seconds';

export interface BlockCall {
  readonly run: RunContext;
  readonly block: RouteBlock;
  readonly policy: Policy;
  readonly inputs: Readonly<Record<string, BlockOutput>>;
}

/** Runs one block with all its attempts, as an activity or as a child workflow. */
export function runBlock(call: BlockCall): Promise<BlockOutput> {
  return call.block.child ? runChild(call, call.block.child) : runActivity(call);
}

function runActivity(call: BlockCall, losses = 0): Promise<BlockOutput> {
  const { run, block, policy, inputs } = call;
  const attemptsBefore = losses * policy.retry.attempts;
  const activity = activityFor(block, policy, losses);
  const task = { run, block: block.name, attemptsBefore, inputs };
  return activity(task).catch((failure: unknown) => {
    if (!wasLost(failure) || losses === LOST_LIMIT) throw failure;
    return runActivity(call, losses + 1);
  });
}

function activityFor({ name, kind }: RouteBlock, policy: Policy, losses: number): RunBlock {
  const { attempts, initialMs, backoff, maxMs } = policy.retry;
  const activities = proxyActivities<Record<string, RunBlock>>({
    activityId: losses === 0 ? name : `${name}#${losses + 1}`,
    summary: kind,
    startToCloseTimeout: policy.timeoutMs + GRACE_MS,
    scheduleToCloseTimeout: policy.deadlineMs,
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    retry: {
      maximumAttempts: attempts,
      initialInterval: initialMs,
      backoffCoefficient: backoff,
      maximumInterval: maxMs,
    },
  });
  const activity = activities[name];
  if (!activity) throw new Error(`No activity ${name}`);
  return activity;
}

type Child = NonNullable<RouteBlock['child']>;

async function runChild(call: BlockCall, child: Child): Promise<BlockOutput> {
  const run = CancellationScope.current();
  const bounded = new CancellationScope({
    cancellable: true,
    timeout: call.policy.deadlineMs,
    parent: run,
  });
  try {
    return await bounded.run(() => tryChild(call, child, bounded));
  } catch (failure) {
    const overdue = bounded.consideredCancelled && !run.consideredCancelled;
    throw overdue ? deadlinePassed() : failure;
  }
}

async function tryChild(
  call: BlockCall,
  child: Child,
  scope: CancellationScope,
): Promise<BlockOutput> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await executeOnce(call, child, attempt);
      return { attempt, rows: null };
    } catch (failure) {
      if (scope.consideredCancelled || attempt >= call.policy.retry.attempts) throw failure;
    }
  }
}

function deadlinePassed(): ApplicationFailure {
  const message = 'The sub-pipeline did not end within its deadline';
  return ApplicationFailure.create({ type: 'block.timed_out', message });
}

function executeOnce({ run, block, inputs }: BlockCall, child: Child, attempt: number) {
  const place = `${run.workflowId}/${block.name}`;
  const values = valuesOf(inputs);
  return executeChild(child.pipeline, {
    workflowId: attempt === 1 ? place : `${place}/${attempt}`,
    args: [
      {
        plan: child.plan,
        parent: { executionId: run.executionId, block: block.name, attempt, values },
      },
    ],
    staticSummary: `${block.name} of ${run.pipeline}`,
    typedSearchAttributes: searchAttributes(child.pipeline, child.plan, 'pipeline'),
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    parentClosePolicy: 'REQUEST_CANCEL',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
  });
}

function valuesOf(inputs: Readonly<Record<string, BlockOutput>>): Record<string, Json> {
  const values: Record<string, Json> = {};
  for (const [name, { value }] of Object.entries(inputs)) {
    if (value !== undefined) values[name] = value;
  }
  return values;
}
