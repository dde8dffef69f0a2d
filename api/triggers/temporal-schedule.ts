import {
  DAYS_OF_WEEK,
  MONTHS,
  type CalendarSpecDescription,
  type ScheduleDescription,
  type ScheduleOptions,
  type ScheduleOverlapPolicy,
  type ScheduleSpecDescription,
} from '@temporalio/client';
import type { TriggerRecord } from '../../db/triggers/triggers.ts';
import { hashOf } from '../../plan/hash.ts';
import { boundsOf } from '../../triggers/schedule-bounds.ts';
import type { Calendar, Range, Schedule } from '../../triggers/schedule.ts';
import type { RunInput } from '../../workflows/activities.ts';

/** The shortest window that Temporal has: what was missed, it leaves to us. */
export const NO_CATCHUP_MS = 10_000;

/** What Temporal is to know of a schedule; pauses and notes belong to those who set them. */
export type Deployable = Omit<
  ScheduleOptions,
  'scheduleId' | 'memo' | 'state' | 'spec' | 'policies'
> & {
  readonly spec: ScheduleSpecDescription;
  readonly policies: ScheduleDescription['policies'];
};

/** A schedule as Temporal takes it. What the run is given is read when it starts, from the trigger's row. */
export function deployableOf(
  { id, pipeline, name }: Pick<TriggerRecord, 'id' | 'pipeline' | 'name'>,
  schedule: Schedule,
  { scheduleId, taskQueue }: { readonly scheduleId: string; readonly taskQueue: string },
): Deployable {
  const input: RunInput = { started: { trigger: 'schedule', triggerId: id } };
  const { overlap, catchup, catchupWindowMs } = schedule;
  return {
    spec: specOf(schedule),
    policies: {
      overlap: overlap.toUpperCase() as ScheduleOverlapPolicy,
      catchupWindow: catchup === 'all' ? catchupWindowMs : NO_CATCHUP_MS,
      pauseOnFailure: false,
    },
    action: {
      type: 'startWorkflow',
      workflowType: pipeline,
      workflowId: scheduleId,
      taskQueue,
      args: [input],
      staticSummary: `trigger ${name}`,
    },
  };
}

/** Equal for what Temporal would do the same. */
export function deployHash(deployable: Deployable): string {
  return hashOf(JSON.parse(JSON.stringify(deployable)));
}

function specOf(schedule: Schedule): ScheduleSpecDescription {
  const { start, end } = boundsOf(schedule);
  return {
    calendars: schedule.calendars.map(calendarOf),
    intervals: schedule.intervals.map(({ everyMs, offsetMs }) => ({
      every: everyMs,
      offset: offsetMs,
    })),
    skip: schedule.skip.map(calendarOf),
    timezone: schedule.timezone,
    ...(start !== -Infinity && { startAt: new Date(start) }),
    ...(end !== Infinity && { endAt: new Date(end) }),
    ...(schedule.jitterMs > 0 && { jitter: schedule.jitterMs }),
  };
}

function calendarOf({ month, dayOfWeek, comment, ...parts }: Calendar): CalendarSpecDescription {
  return {
    ...mapValues(parts, (ranges) => ranges.map((range) => ({ ...range }))),
    month: named(month, (number) => MONTHS[number - 1]),
    dayOfWeek: named(dayOfWeek, (number) => DAYS_OF_WEEK[number]),
    ...(comment !== undefined && { comment }),
  };
}

function named<Name extends string>(
  ranges: readonly Range[],
  nameOf: (number: number) => Name | undefined,
): { start: Name; end: Name; step: number }[] {
  return ranges.map(({ start, end, step }) => {
    const [from, to] = [nameOf(start), nameOf(end)];
    if (from === undefined || to === undefined) throw new Error(`No name for ${start}-${end}`);
    return { start: from, end: to, step };
  });
}

function mapValues<Key extends string, From, To>(
  record: Readonly<Record<Key, From>>,
  change: (value: From) => To,
): Record<Key, To> {
  const entries = Object.entries<From>(record).map(([key, value]) => [key, change(value)]);
  return Object.fromEntries(entries) as Record<Key, To>;
}
