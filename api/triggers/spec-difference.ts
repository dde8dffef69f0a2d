import type { ScheduleSpecDescription, ScheduleSummary } from '@temporalio/client';
import { canonicalJson } from '../../runtime/json.ts';
import type { Deployable } from './temporal-schedule.ts';

/** Lists of schedules show no more than so many calendars and intervals of each. */
const SHOWN = 10;

/** Says what Temporal has otherwise than it was told; null: nothing. */
export function specDifference(
  { spec, action }: Deployable,
  actual: Pick<ScheduleSummary, 'spec' | 'action'>,
): string | null {
  if (actual.action && actual.action.workflowType !== action.workflowType) {
    return `it starts ${actual.action.workflowType}`;
  }
  if (!actual.spec) return null;
  const [ours, theirs] = [partsOf(spec), partsOf(actual.spec)];
  const different = Object.keys(ours).filter((part) => ours[part] !== theirs[part]);
  return different.length === 0 ? null : `${different.join(', ')} changed in Temporal`;
}

function partsOf(spec: ScheduleSpecDescription): Record<string, string> {
  return {
    calendars: listText(spec.calendars),
    intervals: listText(spec.intervals),
    skip: listText(spec.skip),
    timezone: spec.timezone ?? 'UTC',
    start: timeText(spec.startAt),
    end: timeText(spec.endAt),
    jitter: String(spec.jitter ?? 0),
  };
}

function listText(entries: readonly object[] = []): string {
  return canonicalJson(entries.slice(0, SHOWN).map((entry) => clean(entry)));
}

/** Without what is undefined. */
function clean(entry: object): unknown {
  return JSON.parse(JSON.stringify(entry));
}

/** Temporal keeps whole seconds of these. */
function timeText(time: Date | undefined): string {
  return time ? new Date(Math.floor(time.getTime() / 1000) * 1000).toISOString() : '';
}
