import {
  ActivityFailure,
  CancellationScope,
  continueAsNew,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { OpenedRun, RunInput } from './activities.ts';
import { closeRun, loadRoute, openRun } from './local-activities.ts';
import { Run } from './run.ts';
import { isFound, searchAttributes } from './search-attributes.ts';

export interface RunResult {
  readonly id: number;
  readonly state: 'succeeded';
}

/** Runs a pipeline: each block as soon as every block that it waits for has succeeded. */
export async function runPipeline(given: RunInput | null = null): Promise<RunResult> {
  const input = given ?? {};
  const { context, route } = await CancellationScope.nonCancellable(() => open(input));
  const run = new Run(context, route, input.carried);

  await run.toItsEnd();
  if (run.mustContinue) return continueAsNew<typeof runPipeline>({ carried: run.carried });

  await CancellationScope.nonCancellable(() => closeRun(run.closing));
  if (run.failure) throw run.failure;
  return { id: context.executionId, state: 'succeeded' };
}

async function open(input: RunInput): Promise<OpenedRun> {
  if (input.carried) {
    const { context } = input.carried;
    return { context, route: await loadRoute(context.plan) };
  }
  const { workflowType, workflowId, firstExecutionRunId, typedSearchAttributes } = workflowInfo();
  const opened = await unwrapped(
    openRun({ pipeline: workflowType, workflowId, firstRunId: firstExecutionRunId, input }),
  );
  if (!isFound(typedSearchAttributes)) {
    upsertSearchAttributes(searchAttributes(workflowType, opened.context.plan, 'temporal'));
  }
  return opened;
}

/** A run that could not open shows the reason itself, not that an activity failed. */
async function unwrapped<Result>(opening: Promise<Result>): Promise<Result> {
  try {
    return await opening;
  } catch (error) {
    throw error instanceof ActivityFailure && error.cause ? error.cause : error;
  }
}
