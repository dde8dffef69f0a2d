import { matches } from './calendar-part.ts';
import type { Calendar } from './schedule.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const LAST_YEAR = 2100;

/**
 * The first time on a clock, from this one on, that matches a calendar; clock times are written as milliseconds
 * of UTC. Undefined: there is none.
 */
export function nextMatch(calendar: Calendar, from: number): number | undefined {
  let time = Math.ceil(from / SECOND) * SECOND;
  for (;;) {
    const date = new Date(time);
    const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
    if (year > LAST_YEAR) return undefined;
    if (!matchesYear(calendar, year)) time = Date.UTC(year + 1, 0);
    else if (!matches(calendar.month, month + 1)) time = Date.UTC(year, month + 1);
    else if (!matchesDay(calendar, date)) time = after(time, DAY);
    else if (!matches(calendar.hour, date.getUTCHours())) time = after(time, HOUR);
    else if (!matches(calendar.minute, date.getUTCMinutes())) time = after(time, MINUTE);
    else if (!matches(calendar.second, date.getUTCSeconds())) time += SECOND;
    else return time;
  }
}

/** Whether a time on a clock matches a calendar. */
export function isMatch(calendar: Calendar, time: number): boolean {
  const date = new Date(time);
  return (
    matches(calendar.second, date.getUTCSeconds()) &&
    matches(calendar.minute, date.getUTCMinutes()) &&
    matches(calendar.hour, date.getUTCHours()) &&
    matchesDay(calendar, date) &&
    matches(calendar.month, date.getUTCMonth() + 1) &&
    matchesYear(calendar, date.getUTCFullYear())
  );
}

function matchesYear({ year }: Calendar, value: number): boolean {
  return year.length === 0 || matches(year, value);
}

function matchesDay({ dayOfMonth, dayOfWeek }: Calendar, date: Date): boolean {
  return matches(dayOfMonth, date.getUTCDate()) && matches(dayOfWeek, date.getUTCDay());
}

/** The beginning of the next unit. */
function after(time: number, unit: number): number {
  return (Math.floor(time / unit) + 1) * unit;
}
