import { nextMatch } from './calendar.ts';
import type { Calendar, Schedule } from './schedule.ts';
import { clockChanges, type ClockChange } from './zone-clock.ts';
import { isAny } from './calendar-part.ts';

/** Long enough to meet each of a year's clock changes. */
const AHEAD_MS = 370 * 86_400_000;

/** A time that a clock change leaves out, or has twice. */
export interface ClockWarning {
  readonly kind: 'skipped' | 'doubled';
  /** As the clocks of the zone show it: `2027-03-28 02:30`. */
  readonly time: string;
  /** Which of the schedule's calendars names it. */
  readonly calendar: Calendar;
}

/**
 * Fire times of the coming year that daylight saving skips or doubles. A schedule that fires every hour of the
 * day loses and gains nothing by it.
 */
export function clockWarnings({ calendars, timezone }: Schedule, now: Date): ClockWarning[] {
  const from = now.getTime();
  const changes = clockChanges(timezone, from, from + AHEAD_MS);
  return calendars
    .filter(({ hour }) => !isAny('hour', hour))
    .flatMap((calendar) => changes.flatMap((change) => warningOf(calendar, change)));
}

/** What a change leaves out, and what it has twice, is what clocks show between its two offsets. */
function warningOf(calendar: Calendar, { at, before, after }: ClockChange): ClockWarning[] {
  const [from, to] = [at + Math.min(before, after), at + Math.max(before, after)];
  const time = nextMatch(calendar, from);
  if (time === undefined || time >= to) return [];
  const text = new Date(time).toISOString().slice(0, 16).replace('T', ' ');
  return [{ kind: after > before ? 'skipped' : 'doubled', time: text, calendar }];
}
