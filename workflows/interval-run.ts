import {
  ApplicationFailure,
  ChildWorkflowFailure,
  TerminatedFailure,
  TimeoutFailure,
  executeChild,
  isCancellation,
  workflowInfo,
} from '@temporalio/workflow';
import type { RunInput } from './activities.ts';
import type { BackfillRuns, EndedInterval, NextInterval } from './backfill.ts';
import type { runPipeline } from './run-pipeline.ts';
import { searchAttributes } from './search-attributes.ts';

type End = Pick<EndedInterval, 'state' | 'error'>;

/** Runs the pipeline for one interval of a backfill. */
export function runInterval(
  backfill: number,
  interval: NextInterval,
  runs: BackfillRuns,
): Promise<End> {
  const { nr, attempt, start, end } = interval;
  const place = `${workflowInfo().workflowId}/${start}`;
  const { pipeline, plan, params, triggerId, priority, moveWatermark } = runs;
  const input: RunInput = {
    plan,
    params,
    started: {
      trigger: 'backfill',
      ...(triggerId !== null && { triggerId }),
      ...{ scheduledAt: end, interval: { start, end }, priority },
      keepWatermark: !moveWatermark,
      backfill: { id: backfill, nr, attempt },
    },
  };
  return executeChild<typeof runPipeline>(pipeline, {
    workflowId: attempt === 1 ? place : `${place}/${attempt}`,
    args: [input],
    staticSummary: `backfill ${backfill} · ${start} → ${end}`,
    typedSearchAttributes: searchAttributes(pipeline, plan, 'backfill'),
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    parentClosePolicy: 'REQUEST_CANCEL',
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
  });
}

/** What ended a run that did not succeed, as far as its parent can tell. */
export function endedBy(failure: unknown): End {
  if (isCancellation(failure)) return { state: 'cancelled' };
  const cause = failure instanceof ChildWorkflowFailure ? failure.cause : failure;
  if (cause instanceof TerminatedFailure) return { state: 'terminated' };
  if (cause instanceof TimeoutFailure) return { state: 'timed_out' };
  const code = cause instanceof ApplicationFailure ? cause.type : undefined;
  const message = cause instanceof Error ? cause.message : String(cause);
  return { state: 'failed', error: { code: code ?? 'internal', message } };
}
