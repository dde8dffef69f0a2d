import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import type { QueuedRun } from '../../db/runs/dispatch.ts';
import { NORMAL_PRIORITY } from '../../db/runs/run-requests.ts';
import type { RunInput } from '../../workflows/activities.ts';
import { searchAttributes } from '../../workflows/search-attributes.ts';

const MAX_SUMMARY = 200;

/** Starts a queued run's workflow. That it was started before is as good. */
export async function startRun(client: Client, taskQueue: string, run: QueuedRun): Promise<void> {
  const input: RunInput = { executionId: run.id };
  try {
    await client.workflow.start(run.pipeline, {
      workflowId: run.workflowId,
      taskQueue,
      args: [input],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'FAIL',
      typedSearchAttributes: searchAttributes(run.pipeline, run.plan, run.trigger),
      staticSummary: summaryOf(run),
      memo: { run: run.id },
      ...(run.priority !== NORMAL_PRIORITY && { priority: { priorityKey: run.priority } }),
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

/** One line for Temporal's Web UI: `run 12 · full load · month=2001-01`. */
export function summaryOf({ id, fullLoad, params }: QueuedRun): string {
  const given = Object.entries(params)
    .sort()
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const parts = [`run ${id}`, ...(fullLoad ? ['full load'] : []), ...given];
  const text = parts.join(' · ');
  return text.length > MAX_SUMMARY ? `${text.slice(0, MAX_SUMMARY - 1)}…` : text;
}
