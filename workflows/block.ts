import { ApplicationFailure, CancellationScope, executeChild } from '@temporalio/workflow';
import type { RouteBlock } from '../plan/route.ts';
import type { Json } from '../runtime/json.ts';
import type { BlockOutput, RunInput } from './activities.ts';
import { activityFor, type BlockCall } from './block-activity.ts';
import { forgiveLoss } from './lost-attempt.ts';
import { runPooled } from './pooled.ts';
import type { RunResult } from './run-pipeline.ts';
import { searchAttributes } from './search-attributes.ts';
import { runSensor } from './sensor.ts';
import type { Waits } from './waits.ts';

/** Runs one block with all its attempts, as activities or as a child workflow. */
export function runBlock(call: BlockCall, waits: Waits): Promise<BlockOutput> {
  const { child, sensor, pool } = call.block;
  if (child) return runChild(call, child);
  if (sensor) return runSensor(call, sensor, waits);
  return pool ? runPooled(call, pool, waits) : runActivity(call);
}

function runActivity(call: BlockCall, losses = 0): Promise<BlockOutput> {
  const { run, block, policy, inputs } = call;
  const attemptsBefore = losses * policy.retry.attempts;
  const activity = activityFor(block, policy, {
    activityId: losses === 0 ? block.name : `${block.name}#${losses + 1}`,
  });
  const task = { run, block: block.name, attemptsBefore, inputs };
  return activity(task).catch((failure: unknown) => {
    forgiveLoss(failure, attemptsBefore + 1, losses);
    return runActivity(call, losses + 1);
  });
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
      const { state } = await executeOnce(call, child, attempt);
      return { attempt, rows: null, ...(state === 'skipped' && { skipped: true }) };
    } catch (failure) {
      if (scope.consideredCancelled || attempt >= call.policy.retry.attempts) throw failure;
    }
  }
}

function deadlinePassed(): ApplicationFailure {
  const message = 'The sub-pipeline did not end within its deadline';
  return ApplicationFailure.create({ type: 'block.timed_out', message });
}

function executeOnce(
  { run, block, inputs }: BlockCall,
  child: Child,
  attempt: number,
): Promise<RunResult> {
  const place = `${run.workflowId}/${block.name}`;
  const values = valuesOf(inputs);
  return executeChild<(input: RunInput) => Promise<RunResult>>(child.pipeline, {
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
