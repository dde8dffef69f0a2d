import { WorkflowNotFoundError } from '@temporalio/client';
import { closeRun } from '../../db/runs/close-run.ts';
import { claimQueued } from '../../db/runs/dispatch.ts';
import { noteStop } from '../../db/runs/note-stop.ts';
import { findOpenRuns } from '../../db/runs/open-runs.ts';
import { getRun, type RunRecord } from '../../db/runs/runs.ts';
import { isClosed } from '../../plan/run-state.ts';
import { Fault } from '../../runtime/fault.ts';
import type { ApiDeps } from '../deps.ts';

const ANSWER_MS = 3_000;

/**
 * Asks a run to stop, on record as somebody's wish; its blocks get the time they need to. A run that Temporal has never heard of
 * ends at once. Fails with `run.not_running` when it has ended already, and with `run.elsewhere` when it is
 * only reported.
 */
export async function cancelRun(deps: ApiDeps, run: RunRecord, actor: string): Promise<RunRecord> {
  if (isClosed(run.state)) {
    throw new Fault('run.not_running', `Run ${run.id} has ended already: ${run.state}`);
  }
  const { workflow_id } = run;
  if (workflow_id === null) {
    throw new Fault('run.elsewhere', `Run ${run.id} runs elsewhere: only what runs it can end it`);
  }
  if (await claimQueued(deps.db, run.id)) await closeQueued(deps, run.id);
  else await cancelWorkflow(deps, run, workflow_id);
  await noteStop(deps.db, run.id, actor);
  return getRun(deps.db, run.id);
}

async function closeQueued({ db, log }: ApiDeps, executionId: number): Promise<void> {
  const error = { code: 'run.cancelled', message: 'Cancelled before it began' };
  await closeRun(db, { executionId, state: 'cancelled', error, watermark: null, blocks: [] });
  log.info({ run: executionId }, 'queued run cancelled');
}

async function cancelWorkflow(deps: ApiDeps, run: RunRecord, workflowId: string): Promise<void> {
  const { db, temporal, reconciler, log } = deps;
  try {
    await temporal.ask(ANSWER_MS, (client) =>
      client.workflow.getHandle(workflowId, undefined, chainOf(run)).cancel(),
    );
    log.info({ run: run.id }, 'run asked to stop');
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    if (run.temporal_run_id === null) {
      await closeQueued(deps, run.id);
      return;
    }
    const open = await findOpenRuns(db, [workflowId]);
    for (const one of open) await reconciler.settle(one);
  }
}

/** The id may have been used again since: only this run's own chain is meant. */
function chainOf({ temporal_run_id }: RunRecord) {
  return temporal_run_id === null ? {} : { firstExecutionRunId: temporal_run_id };
}
