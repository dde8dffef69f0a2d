import { isMatch, nextMatch } from './calendar.ts';
import { boundsOf } from './schedule-bounds.ts';
import type { Calendar, Every, Schedule } from './schedule.ts';
import { stretchAt } from './zone-clock.ts';

const SECOND = 1_000;
const LAST = Date.UTC(2100, 0);
const FIRST_LOOK_MS = 60 * SECOND;
const LONGEST_LOOK_MS = 50 * 366 * 86_400 * SECOND;

/**
 * The first time after a moment at which a schedule fires, without jitter; undefined: never again.
 * A clock time fires whenever a clock of the zone shows it: not at all on a day that leaves it out, twice on
 * one that has it twice. Temporal does the same.
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

/** So many fire times before a moment, the newest first. */
export function lastFireTimes(schedule: Schedule, before: Date, most: number): Date[] {
  const until = new Date(before.getTime() - 1);
  for (let look = FIRST_LOOK_MS; ; look *= 4) {
    const from = new Date(until.getTime() - look);
    const times = fireTimesAfter(schedule, from, Infinity, until);
    if (times.length >= most || look > LONGEST_LOOK_MS) return times.reverse().slice(0, most);
  }
}

function firstOf({ calendars, intervals, timezone }: Schedule, after: number): number | undefined {
  const times = [
    ...calendars.map((calendar) => nextOfCalendar(calendar, timezone, after)),
    ...intervals.map((every) => nextOfInterval(every, after)),
  ].filter((time) => time !== undefined);
  return times.length === 0 ? undefined : Math.min(...times);
}

/** Clocks go on evenly until they are set, so the search begins anew at each time when they are. */
function nextOfCalendar(calendar: Calendar, timezone: string, after: number): number | undefined {
  let time = (Math.floor(after / SECOND) + 1) * SECOND;
  while (time < LAST) {
    const { to, offsetMs } = stretchAt(timezone, time);
    const match = nextMatch(calendar, time + offsetMs);
    if (match === undefined) return undefined;
    if (match - offsetMs < to) return match - offsetMs;
    time = to;
  }
  return undefined;
}

function nextOfInterval({ everyMs, offsetMs }: Every, after: number): number {
  return (Math.floor((after - offsetMs) / everyMs) + 1) * everyMs + offsetMs;
}

function isSkipped({ skip, timezone }: Schedule, time: number): boolean {
  if (skip.length === 0) return false;
  const clock = time + stretchAt(timezone, time).offsetMs;
  return skip.some((calendar) => isMatch(calendar, clock));
}
