import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import { toFault } from '../runtime/fault.ts';
import { WORKER_STOPPED, type RunBlock } from '../workflows/activities.ts';
import { openRecord, type AttemptRecord } from './attempt-record.ts';
import type { Mirror } from './mirror.ts';
import { runAttempt, type AttemptDeps } from './run-attempt.ts';

/** Cancellation reaches a block with the answer to a heartbeat: no later than this. */
export const HEARTBEAT_MS = 500;

export interface RunBlockDeps extends AttemptDeps {
  readonly mirror: Mirror;
  /** Names this worker in the rows of its attempts. */
  readonly worker: string;
}

/** Runs one attempt of a block in a host, and records it. */
export function createRunBlock(deps: RunBlockDeps): RunBlock {
  return async (task) => {
    const context = Context.current();
    const attempt = task.attemptsBefore + context.info.attempt;
    const key = { execution_id: task.run.executionId, block: task.block, attempt };
    const record = openRecord(deps.mirror, key, deps.worker);
    const beat = setInterval(() => {
      context.heartbeat();
    }, HEARTBEAT_MS);
    try {
      const { cancellationSignal: signal } = context;
      const scheduledAt = context.info.scheduledTimestampMs;
      return await runAttempt(deps, { task, attempt, record, signal, scheduledAt });
    } catch (error) {
      throw endedBy(error, record, attempt);
    } finally {
      clearInterval(beat);
    }
  };
}

/** Records why the attempt ended, and puts it into the words of Temporal. */
function endedBy(error: unknown, record: AttemptRecord, attempt: number): Error {
  const { cancellationSignal, cancellationDetails } = Context.current();
  if (!cancellationSignal.aborted) return failed(error, record, attempt);
  if (cancellationDetails?.workerShutdown) {
    const message = 'The worker was stopped during this attempt';
    record.ended('failed', { code: WORKER_STOPPED, message });
    return ApplicationFailure.create({ type: WORKER_STOPPED, message, details: [attempt] });
  }
  // Otherwise Temporal gave the attempt up, and the end of the run says why.
  if (cancellationDetails?.cancelRequested) record.ended('cancelled');
  return new CancelledFailure('The block was cancelled');
}

function failed(error: unknown, record: AttemptRecord, attempt: number): ApplicationFailure {
  const { code, message, retryable, cause } = toFault(error);
  record.ended(code === 'block.timed_out' ? 'timed_out' : 'failed', { code, message });
  return ApplicationFailure.create({
    type: code,
    message,
    nonRetryable: !retryable,
    details: [attempt],
    ...(cause instanceof Error && { cause }),
  });
}
