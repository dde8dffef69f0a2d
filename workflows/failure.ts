import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  TerminatedFailure,
  TimeoutFailure,
  isCancellation,
} from '@temporalio/workflow';
import { WORKER_STOPPED, type ClosedBlock, type RunError } from './activities.ts';

/** What ended a block, as its row says it. `stopping`: the run itself is cancelling its blocks. */
export function closedBy(name: string, failure: unknown, stopping: boolean): ClosedBlock {
  if (isCancellation(failure)) return cancelled(name, stopping);
  const cause = causeOf(failure);
  const attempt = attemptOf(cause);
  // It had begun, though there may be no row of it.
  if (stopping && wasLost(failure)) return { ...cancelled(name, stopping), attempt: attempt ?? 1 };
  const error = { ...errorOf(cause), block: name };
  return {
    name,
    state: error.code === 'block.timed_out' ? 'timed_out' : 'failed',
    error,
    ...(attempt !== undefined && { attempt }),
  };
}

/** True when the attempt ended with its worker and says nothing about the block. */
export function wasLost(failure: unknown): boolean {
  const cause = causeOf(failure);
  if (cause instanceof TimeoutFailure) return cause.timeoutType === 'HEARTBEAT';
  return cause instanceof ApplicationFailure && cause.type === WORKER_STOPPED;
}

function cancelled(name: string, stopping: boolean): ClosedBlock {
  if (stopping) return { name, state: 'cancelled' };
  const error = { code: 'run.cancelled', message: 'It was cancelled from outside', block: name };
  return { name, state: 'cancelled', error };
}

function causeOf(failure: unknown): unknown {
  const wrapped = failure instanceof ActivityFailure || failure instanceof ChildWorkflowFailure;
  return wrapped ? failure.cause : failure;
}

function errorOf(cause: unknown): RunError {
  if (cause instanceof ApplicationFailure) {
    return { code: cause.type ?? 'internal', message: cause.message };
  }
  if (cause instanceof TimeoutFailure) return timedOut(cause);
  if (cause instanceof TerminatedFailure) {
    return { code: 'run.terminated', message: 'The sub-pipeline was terminated' };
  }
  return { code: 'internal', message: cause instanceof Error ? cause.message : String(cause) };
}

function timedOut({ timeoutType }: TimeoutFailure): RunError {
  if (timeoutType === 'HEARTBEAT') {
    return { code: 'worker.lost', message: 'Workers went away during every attempt' };
  }
  const bound = timeoutType === 'SCHEDULE_TO_CLOSE' ? 'deadline' : 'timeout';
  return { code: 'block.timed_out', message: `The block did not end within its ${bound}` };
}

/** `run-block` puts the attempt's number into its failure's details. */
function attemptOf(cause: unknown): number | undefined {
  const attempt = cause instanceof ApplicationFailure ? cause.details?.[0] : undefined;
  return typeof attempt === 'number' ? attempt : undefined;
}
