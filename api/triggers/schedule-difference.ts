import type {
  CalendarSpecDescription,
  ScheduleDescription,
  ScheduleSpecDescription,
  ScheduleSummary,
} from '@temporalio/client';
import { canonicalJson } from '../../runtime/json.ts';
import type { Deployable } from './temporal-schedule.ts';

/** Lists of schedules show no more than so many calendars and intervals of each. */
const LISTED = 10;

type Parts = Readonly<Record<string, string>>;

/** Says what Temporal has otherwise than it was told; null: nothing. Pauses and notes are no difference. */
export function scheduleDifference(
  { spec, policies, action }: Deployable,
  actual: Pick<ScheduleDescription, 'spec' | 'policies' | 'action' | 'state'>,
): string | null {
  const different = differencesOf(
    { ...specParts(spec), ...policyParts(policies), ...actionParts(action) },
    { ...specParts(actual.spec), ...policyParts(actual.policies), ...actionParts(actual.action) },
  );
  if (actual.state.remainingActions !== undefined) different.push('remaining actions');
  return different.length === 0 ? null : `${different.join(', ')} changed in Temporal`;
}

/** Whether what a list shows of a schedule is otherwise than Temporal was told. */
export function looksDifferent(
  { spec, action }: Deployable,
  listed: Pick<ScheduleSummary, 'spec' | 'action'>,
): boolean {
  if (listed.action && listed.action.workflowType !== action.workflowType) return true;
  if (!listed.spec) return false;
  return differencesOf(specParts(spec, LISTED), specParts(listed.spec, LISTED)).length > 0;
}

function differencesOf(ours: Parts, theirs: Parts): string[] {
  return Object.keys(ours).filter((part) => ours[part] !== theirs[part]);
}

/** A calendar without a comment comes back with an empty one. */
function specParts(spec: ScheduleSpecDescription, most = Infinity): Parts {
  const listText = (entries: readonly object[] = []) => textOf(entries.slice(0, most));
  const calendarsText = (calendars: readonly CalendarSpecDescription[] = []) =>
    listText(calendars.map(({ comment = '', ...parts }) => ({ ...parts, comment })));
  return {
    calendars: calendarsText(spec.calendars),
    intervals: listText(spec.intervals),
    skip: calendarsText(spec.skip),
    timezone: spec.timezone ?? 'UTC',
    start: timeText(spec.startAt),
    end: timeText(spec.endAt),
    jitter: String(spec.jitter ?? 0),
  };
}

function policyParts({ overlap, catchupWindow, pauseOnFailure }: Deployable['policies']): Parts {
  return {
    overlap: overlap ?? '',
    'catch-up window': String(catchupWindow),
    'pause on failure': String(pauseOnFailure),
  };
}

function actionParts(action: Deployable['action'] | ScheduleDescription['action']): Parts {
  return {
    workflow: action.workflowType as string,
    'workflow id': String(action.workflowId),
    'task queue': action.taskQueue,
    input: textOf(action.args ?? []),
    timeouts: textOf([
      action.workflowExecutionTimeout,
      action.workflowRunTimeout,
      action.workflowTaskTimeout,
    ]),
    retry: textOf(action.retry ?? {}),
  };
}

/** Without what is undefined. */
function textOf(value: unknown): string {
  return canonicalJson(JSON.parse(JSON.stringify(value)));
}

/** Temporal keeps whole seconds of these. */
function timeText(time: Date | undefined): string {
  return time ? new Date(Math.floor(time.getTime() / 1000) * 1000).toISOString() : '';
}
