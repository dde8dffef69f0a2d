import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  TerminatedFailure,
  TimeoutFailure,
  isCancellation,
} from '@temporalio/workflow';
import { WORKER_LOST, WORKER_STOPPED, type ClosedBlock, type RunError } from './activities.ts';

/** What ended a block, as its row says it. `stopping`: the run itself is cancelling its blocks. */
export function closedBy(name: string, failure: unknown, stopping: boolean): ClosedBlock {
  if (isCancellation(failure)) return cancelled(name, stopping);
  const attempt = attemptOf(failure);
  // There may be no row of it.
  const begun = attempt === undefined ? {} : { attempt };
  if (stopping && wasLost(failure)) return { ...cancelled(name, stopping), ...begun };
  const error = { ...errorOf(causeOf(failure)), block: name };
  const state = error.code === 'block.timed_out' ? 'timed_out' : 'failed';
  return { name, state, error, ...begun };
}

/** True when an attempt ended with its worker and says nothing about the block. A sub-pipeline is none. */
export function wasLost(failure: unknown): boolean {
  if (failure instanceof ChildWorkflowFailure) return false;
  const cause = causeOf(failure);
  if (cause instanceof TimeoutFailure) return cause.timeoutType === 'HEARTBEAT';
  if (!(cause instanceof ApplicationFailure)) return false;
  return cause.type === WORKER_STOPPED || cause.type === WORKER_LOST;
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
  const bound = timeoutType === 'SCHEDULE_TO_CLOSE' ? 'deadline' : 'timeout';
  return { code: 'block.timed_out', message: `The block did not end within its ${bound}` };
}

/** The number of the attempt that failed so, if it says so: `run-block` puts it into the failure's details. */
export function attemptOf(failure: unknown): number | undefined {
  const cause = causeOf(failure);
  const attempt = cause instanceof ApplicationFailure ? cause.details?.[0] : undefined;
  return typeof attempt === 'number' ? attempt : undefined;
}
