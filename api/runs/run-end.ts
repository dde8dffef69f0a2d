import {
  ApplicationFailure,
  WorkflowFailedError,
  WorkflowNotFoundError,
  type Client,
} from '@temporalio/client';
import type { OpenRun } from '../../db/runs/open-runs.ts';
import type { ClosedState } from '../../plan/run-state.ts';
import type { RunError } from '../../workflows/activities.ts';

/** What Temporal knows about a run that has not reported its end. */
export type RunEnd =
  | { readonly kind: 'open' }
  | { readonly kind: 'lost' }
  | { readonly kind: 'closed'; readonly state: ClosedState; readonly error: RunError | null };

const STATES: Readonly<Record<string, ClosedState>> = {
  COMPLETED: 'succeeded',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
  TERMINATED: 'terminated',
  TIMED_OUT: 'timed_out',
};

/** Asks Temporal how a run stands, through continue-as-new and reset. */
export async function findEnd(client: Client, run: OpenRun): Promise<RunEnd> {
  try {
    const { runId, status } = await describe(client, run);
    const state = STATES[status.name];
    if (!state) return { kind: 'open' };
    const error =
      state === 'succeeded' ? null : await errorOf(client, run.workflow_id, runId, state);
    return { kind: 'closed', state, error };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { kind: 'lost' };
    throw error;
  }
}

/** A workflow id may have been used again: another chain of Temporal runs is another run. */
async function describe(client: Client, { workflow_id, temporal_run_id }: OpenRun) {
  const latest = await client.workflow.getHandle(workflow_id).describe();
  const first = latest.raw.workflowExecutionInfo?.firstRunId;
  const isOurs = temporal_run_id === null || !first || first === temporal_run_id;
  return isOurs ? latest : client.workflow.getHandle(workflow_id, temporal_run_id).describe();
}

async function errorOf(
  client: Client,
  workflowId: string,
  runId: string,
  state: ClosedState,
): Promise<RunError> {
  const handle = client.workflow.getHandle(workflowId, runId, { followRuns: false });
  const cause = await handle.result().then(
    () => undefined,
    (error: unknown) => (error instanceof WorkflowFailedError ? error.cause : undefined),
  );
  const code = cause instanceof ApplicationFailure ? cause.type : undefined;
  return {
    code: code ?? `run.${state}`,
    message: cause ? `${TEXTS[state]}: ${cause.message}` : TEXTS[state],
  };
}

const TEXTS: Readonly<Record<ClosedState, string>> = {
  succeeded: 'The workflow completed',
  failed: 'The workflow failed',
  cancelled: 'The workflow was cancelled',
  terminated: 'The workflow was terminated',
  timed_out: 'The workflow timed out',
  skipped: 'The workflow was skipped',
};
