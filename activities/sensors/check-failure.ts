import { ApplicationFailure, Context } from '@temporalio/activity';
import type { Retry } from '../../plan/plan.ts';
import { toFault } from '../../runtime/fault.ts';
import { NOT_YET, SENSOR_ATTEMPT } from '../../workflows/activities.ts';

/** What a heartbeat leaves to the next check when one fails. */
interface Failed {
  readonly attempt: number;
  /** Checks that failed one after the other. */
  readonly failures: number;
}

/** The end of a check that says no; Temporal makes the next one at that time, in ms since the epoch. */
export function notYet(message: string, nextAt: number): ApplicationFailure {
  return ApplicationFailure.create({
    type: NOT_YET,
    message,
    nextRetryDelay: Math.max(1, nextAt - Date.now()),
    category: 'BENIGN',
  });
}

/** The end of a check that could not tell. Only those that fail one after the other count as its retries. */
export function failedCheck(
  error: unknown,
  { attempts, initialMs, backoff, maxMs }: Retry,
): ApplicationFailure {
  const { code: type, message, retryable } = toFault(error);
  const context = Context.current();
  const { attempt } = context.info;
  const before = context.info.heartbeatDetails as Failed | undefined;
  const failures = before?.attempt === attempt - 1 ? before.failures + 1 : 1;
  context.heartbeat({ attempt, failures } satisfies Failed);
  return ApplicationFailure.create({
    type,
    message,
    nonRetryable: !retryable || failures >= attempts,
    nextRetryDelay: Math.min(initialMs * backoff ** (failures - 1), maxMs),
    details: [SENSOR_ATTEMPT],
  });
}
