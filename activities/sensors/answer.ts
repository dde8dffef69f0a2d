import type { ApplicationFailure } from '@temporalio/activity';
import type { CheckRow } from '../../db/sensors/save-check.ts';
import { durationText } from '../../pipeline/duration.ts';
import { SENSOR_ATTEMPT, type BlockOutput, type OneCheck } from '../../workflows/activities.ts';
import type { Seen } from './seen.ts';

/** What a check leaves in the row of its sensor. */
export type CheckOutcome = Pick<CheckRow, 'state' | 'message' | 'value' | 'error'>;

/** What the workflow is told. */
export function answerOf(seen: Seen, { last, timeoutMs }: OneCheck, block: string): BlockOutput {
  if ('value' in seen) return { attempt: SENSOR_ATTEMPT, rows: null, value: seen.value };
  const { notYet } = seen;
  const inVain = `${block} waited ${durationText(timeoutMs)} in vain: ${notYet}`;
  return { attempt: SENSOR_ATTEMPT, rows: null, not_yet: last ? inVain : notYet };
}

export function rowOf({ not_yet, value }: BlockOutput, { last }: OneCheck): CheckOutcome {
  if (not_yet === undefined) {
    return { state: 'succeeded', message: 'it is so', ...(value !== undefined && { value }) };
  }
  if (!last) return { state: 'running', message: not_yet };
  if (last === 'is skipped') return { state: 'skipped', message: not_yet };
  const error = { code: 'block.timed_out', message: not_yet };
  return { state: 'timed_out', message: not_yet, error };
}

export function rowOfFailed(
  { type, message, nonRetryable }: ApplicationFailure,
  block: string,
): CheckOutcome {
  if (!nonRetryable) return { state: 'running', message: `the check failed: ${message}` };
  return { state: 'failed', message, error: { code: type ?? 'internal', message, block } };
}
