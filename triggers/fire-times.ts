import { isMatch, nextOfCalendar } from './calendar.ts';
import { boundsOf } from './schedule-bounds.ts';
import type { Every, Schedule } from './schedule.ts';
import { clockAt } from './zone-clock.ts';

const SECOND = 1_000;
const LAST = Date.UTC(2100, 0);
const FIRST_LOOK_MS = 60 * SECOND;
const LONGEST_LOOK_MS = 50 * 366 * 86_400 * SECOND;

/**
 * The first time after a moment at which a schedule fires, without jitter, as Temporal has it; undefined: never
 * again.
 */
export function nextFireTime(schedule: Schedule, after: Date): Date | undefined {
  const { start, end } = boundsOf(schedule);
  let time = Math.max(after.getTime(), start - 1);
  for (;;) {
    const next = firstOf(schedule, time);
    if (next === undefined || next > end) return undefined;
    if (!isSkipped(schedule, next)) return new Date(next);
    time = next;
  }
}

/** Its next fire times after a moment, up to and with another one, and at most so many. */
export function fireTimesAfter(
  schedule: Schedule,
  after: Date,
  most: number,
  until = new Date(LAST),
): Date[] {
  const times: Date[] = [];
  let time = nextFireTime(schedule, after);
  while (time && time <= until && times.length < most) {
    times.push(time);
    time = nextFireTime(schedule, time);
  }
  return times;
}

/** The last fire time before a moment; undefined: there was none, within the last 50 years. */
export function lastFireTime(schedule: Schedule, before: Date): Date | undefined {
  return lastFireTimes(schedule, before, 1)[0];
}

/** So many fire times before a moment, the newest first; none up to another moment, or older than 50 years. */
export function lastFireTimes(
  schedule: Schedule,
  before: Date,
  most: number,
  after?: Date,
): Date[] {
  const until = new Date(before.getTime() - 1);
  if (after && fireTimesAfter(schedule, after, 1, until).length === 0) return [];
  const oldest = after?.getTime() ?? until.getTime() - LONGEST_LOOK_MS;
  for (let look = FIRST_LOOK_MS; ; look *= 4) {
    const from = Math.max(until.getTime() - look, oldest);
    const times = fireTimesAfter(schedule, new Date(from), Infinity, until);
    if (times.length >= most || from === oldest) return times.reverse().slice(0, most);
  }
}

function firstOf({ calendars, intervals, timezone }: Schedule, after: number): number | undefined {
  const times = [
    ...calendars.map((calendar) => nextOfCalendar(calendar, timezone, after)),
    ...intervals.map((every) => nextOfInterval(every, after)),
  ].filter((time) => time !== undefined);
  return times.length === 0 ? undefined : Math.min(...times);
}

function nextOfInterval({ everyMs, offsetMs }: Every, after: number): number {
  return (Math.floor((after - offsetMs) / everyMs) + 1) * everyMs + offsetMs;
}

function isSkipped({ skip, timezone }: Schedule, time: number): boolean {
  if (skip.length === 0) return false;
  const clock = clockAt(timezone, time);
  return skip.some((calendar) => isMatch(calendar, clock));
}
