import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import { toFault } from '../runtime/fault.ts';
import type { Db } from '../db/database.ts';
import type { Policy, PoolShare } from '../plan/plan.ts';
import {
  WORKER_STOPPED,
  type BlockOutput,
  type BlockTask,
  type RunBlock,
} from '../workflows/activities.ts';
import { openRecord, type AttemptRecord } from './attempt-record.ts';
import { mayTryAgain } from './deadline.ts';
import type { Mirror } from './mirror.ts';
import { findPlanned } from './plans.ts';
import { runAttempt, type AttemptDeps } from './run-attempt.ts';
import { runCheck, type CheckDeps } from './sensors/run-check.ts';
import { withSlots } from './with-slots.ts';

/** Cancellation reaches a block with the answer to a heartbeat: no later than this. */
export const HEARTBEAT_MS = 500;

export interface RunBlockDeps extends AttemptDeps, CheckDeps {
  readonly db: Db;
  readonly mirror: Mirror;
  /** Names this worker in the rows of its attempts. */
  readonly worker: string;
}

/** Runs one attempt of a block in a host, or one check of a sensor, and records it. */
export function createRunBlock(deps: RunBlockDeps): RunBlock {
  return async (task) => {
    const context = Context.current();
    const beat = setInterval(() => {
      context.heartbeat();
    }, HEARTBEAT_MS);
    try {
      if (task.check) return await runCheck(deps, task, task.check);
      return await (task.pool ? holdAndRun(deps, task, task.pool) : run(deps, task));
    } finally {
      clearInterval(beat);
    }
  };
}

function holdAndRun(deps: RunBlockDeps, task: BlockTask, pool: PoolShare): Promise<BlockOutput> {
  const { executionId } = task.run;
  const request = { executionId, block: task.block, attempt: attemptOf(task), pool };
  const { cancellationSignal } = Context.current();
  return withSlots(deps.db, request, deps.worker, cancellationSignal, () => run(deps, task));
}

async function run(deps: RunBlockDeps, task: BlockTask): Promise<BlockOutput> {
  const { info, cancellationSignal: signal } = Context.current();
  const attempt = attemptOf(task);
  const key = { execution_id: task.run.executionId, block: task.block, attempt };
  const record = openRecord(deps.mirror, key, deps.worker);
  let policy: Policy | undefined;
  try {
    const scheduledAt = info.scheduledTimestampMs;
    const planned = await findPlanned(deps.plans, task, signal);
    policy = planned.block.policy;
    return await runAttempt(deps, { task, planned, attempt, record, signal, scheduledAt });
  } catch (error) {
    throw endedBy(error, record, attempt, policy);
  }
}

function attemptOf(task: BlockTask): number {
  return task.attemptsBefore + Context.current().info.attempt;
}

/** Records why the attempt ended, and puts it into the words of Temporal. */
function endedBy(
  error: unknown,
  record: AttemptRecord,
  attempt: number,
  policy: Policy | undefined,
): Error {
  const { cancellationSignal, cancellationDetails } = Context.current();
  if (!cancellationSignal.aborted) return failed(error, record, attempt, policy);
  if (cancellationDetails?.workerShutdown) {
    const message = 'The worker was stopped during this attempt';
    record.ended('failed', { code: WORKER_STOPPED, message });
    return ApplicationFailure.create({ type: WORKER_STOPPED, message, details: [attempt] });
  }
  // Otherwise Temporal gave the attempt up, and the end of the run says why.
  if (cancellationDetails?.cancelRequested) record.ended('cancelled');
  return new CancelledFailure('The block was cancelled');
}

function failed(
  error: unknown,
  record: AttemptRecord,
  attempt: number,
  policy: Policy | undefined,
): ApplicationFailure {
  const { code, message, retryable, cause } = toFault(error);
  const { attempt: count, scheduledTimestampMs } = Context.current().info;
  const inTime = !policy || mayTryAgain(policy, count, scheduledTimestampMs);
  record.ended(code === 'block.timed_out' ? 'timed_out' : 'failed', { code, message });
  return ApplicationFailure.create({
    type: code,
    message,
    nonRetryable: !retryable || !inTime,
    details: [attempt],
    ...(cause instanceof Error && { cause }),
  });
}
