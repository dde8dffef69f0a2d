import {
  ActivityFailure,
  CancellationScope,
  continueAsNew,
  isCancellation,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type {
  CloseRun,
  OpenedRun,
  Opening,
  OpenRun,
  RunInput,
  SkippedRun,
  WaitingRun,
} from './activities.ts';
import { untilAdmitted } from './admission.ts';
import { closeRun, loadRoute, openRun } from './local-activities.ts';
import { Run } from './run.ts';
import { FIRE_TIME, isFound, searchAttributes } from './search-attributes.ts';

export interface RunResult {
  readonly id: number;
  readonly state: 'succeeded' | 'skipped';
}

/** Runs a pipeline: each block as soon as every block that it waits for has succeeded. */
export async function runPipeline(given: RunInput | null = null): Promise<RunResult> {
  const input = given ?? {};
  const first = await CancellationScope.nonCancellable(() => open(input));
  const opened = 'waiting' in first ? await waitFor(openingOf(input), first) : first;
  if ('skipped' in opened) return { id: opened.skipped.executionId, state: 'skipped' };
  const { context, route } = opened;
  if (!input.carried) showPlan(context.plan, input.started?.trigger ?? 'temporal');
  const run = new Run(context, route, input.carried);

  await run.toItsEnd();
  if (run.mustContinue) return continueAsNew<typeof runPipeline>({ carried: run.carried });

  await CancellationScope.nonCancellable(() => closeRun(run.closing));
  if (run.failure) throw run.failure;
  return { id: context.executionId, state: 'succeeded' };
}

async function open(input: RunInput): Promise<Opening> {
  if (input.carried) {
    const { context } = input.carried;
    return { context, route: await loadRoute(context.plan) };
  }
  return unwrapped(openRun(openingOf(input)));
}

function openingOf(input: RunInput): OpenRun {
  const { workflowType, workflowId, firstExecutionRunId, typedSearchAttributes } = workflowInfo();
  const scheduledAt = typedSearchAttributes.get(FIRE_TIME);
  return {
    ...{ pipeline: workflowType, workflowId, firstRunId: firstExecutionRunId, input },
    ...(scheduledAt && { scheduledAt: scheduledAt.toISOString() }),
  };
}

/** A run that is cancelled while it waits ends at once. */
async function waitFor(opening: OpenRun, first: WaitingRun): Promise<OpenedRun | SkippedRun> {
  try {
    return await unwrapped(untilAdmitted(opening, first));
  } catch (error) {
    if (!isCancellation(error)) throw error;
    const { executionId } = first.waiting;
    await CancellationScope.nonCancellable(() => closeRun(neverBegan(executionId)));
    throw error;
  }
}

function neverBegan(executionId: number): CloseRun {
  const error = { code: 'run.cancelled', message: 'Cancelled before it began' };
  return { executionId, state: 'cancelled', error, watermark: null, blocks: [] };
}

/** `temporal workflow start` leaves out what runs are found by. */
function showPlan(plan: string, trigger: string): void {
  const { workflowType, typedSearchAttributes } = workflowInfo();
  if (isFound(typedSearchAttributes)) return;
  upsertSearchAttributes(searchAttributes(workflowType, plan, trigger));
}

/** A run that could not open shows the reason itself, not that an activity failed. */
async function unwrapped<Result>(opening: Promise<Result>): Promise<Result> {
  try {
    return await opening;
  } catch (error) {
    throw error instanceof ActivityFailure && error.cause ? error.cause : error;
  }
}
