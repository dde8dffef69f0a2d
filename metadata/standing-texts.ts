import type { MissedStart } from './expected-starts.ts';
import type { Freshness } from './freshness.ts';
import { thresholdText, type Threshold } from './threshold.ts';
import type { Timeliness } from './timeliness.ts';

/** One sentence on why data are fresh or not. */
export function freshnessText(
  { state, reason }: Freshness,
  lastDml: Date | null,
  threshold: Threshold | null,
): string {
  const within = threshold ? `, expected within ${thresholdText(threshold)}` : '';
  switch (reason) {
    case 'no_new_data':
      return `No new data since ${timeText(lastDml)}${within}`;
    case 'wrote':
      return `Wrote at ${timeText(lastDml)}${within}`;
    case 'never_wrote':
      return state === 'late' ? `Has never written${within}` : `Has not written yet${within}`;
    case 'inactive':
      return 'Inactive: nothing is expected of it';
    case 'no_threshold':
      return 'Neither it nor its type says how new its data should be';
  }
}

/** One sentence on why runs end in time or not. */
export function timelinessText(
  { reason, executionId }: Timeliness,
  threshold: Threshold | null,
  missed: MissedStart | null,
): string {
  const run = executionId === null ? 'A run' : `Run ${executionId}`;
  const within = threshold ? `, expected within ${thresholdText(threshold)}` : '';
  switch (reason) {
    case 'still_running':
      return `${run} still runs${within}`;
    case 'failed':
      return `${run} failed, and none has succeeded since${within}`;
    case 'not_started':
      return `Did not start at ${timeText(missed?.at ?? null)}, expected by ${missed?.by ?? 'nobody'}`;
    case 'ended_late':
      return `${run} ended late${within}`;
    case 'ended_in_time':
      return `${run} ended in time${within}`;
    case 'no_success_yet':
      return `No run has succeeded yet${within}`;
    case 'inactive':
      return 'Inactive: nothing is expected of it';
    case 'no_threshold':
      return 'Neither it nor its type says how long a run may take';
  }
}

/** `2026-11-21 08:00:00 UTC` */
export function timeText(time: Date | null): string {
  return time === null ? 'never' : `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
