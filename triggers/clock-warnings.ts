import { isAny } from './calendar-part.ts';
import { isMatch, nextOfCalendar } from './calendar.ts';
import type { Calendar, Schedule } from './schedule.ts';
import { clockAt, clockChanges, type ClockChange } from './zone-clock.ts';

/** Long enough to meet each of a year's clock changes. */
const AHEAD_MS = 370 * 86_400_000;
const MINUTE_MS = 60_000;

/** A time that a clock change leaves out, or has twice; or that comes twice, and at which it fires once. */
export interface ClockWarning {
  readonly kind: 'skipped' | 'doubled' | 'missed';
  /** As the clocks of the zone show it: `2027-03-28 02:30`. */
  readonly time: string;
  /** Which of the schedule's calendars names it. */
  readonly calendar: Calendar;
}

/**
 * Fire times of the coming year that daylight saving skips or doubles. Of a calendar that fires every hour of the
 * day, those that Temporal leaves out when an hour comes a second time.
 */
export function clockWarnings({ calendars, timezone }: Schedule, now: Date): ClockWarning[] {
  const from = now.getTime();
  const changes = clockChanges(timezone, from, from + AHEAD_MS);
  return calendars.flatMap((calendar) =>
    changes.flatMap((change): ClockWarning[] => {
      const kind = kindOf(calendar, change);
      const clock = FINDERS[kind](calendar, timezone, change);
      return clock === undefined ? [] : [{ kind, time: textOf(clock), calendar }];
    }),
  );
}

function kindOf({ hour }: Calendar, { before, after }: ClockChange): ClockWarning['kind'] {
  if (isAny('hour', hour)) return 'missed';
  return after > before ? 'skipped' : 'doubled';
}

/** Each answers the first such time. */
const FINDERS: Readonly<
  Record<
    ClockWarning['kind'],
    (calendar: Calendar, timezone: string, change: ClockChange) => number | undefined
  >
> = { skipped, doubled, missed };

/** Between the two that clocks show before and after the change. */
function skipped(calendar: Calendar, _timezone: string, { at, before, after }: ClockChange) {
  return matchesBetween(calendar, at + before, at + after)[0];
}

/** That clocks show a second time. */
function missed(calendar: Calendar, timezone: string, { at, before, after }: ClockChange) {
  const expected = matchesBetween(calendar, at + after, at + before);
  return expected.find(
    (clock) => nextOfCalendar(calendar, timezone, clock - after - 1) !== clock - after,
  );
}

/** To the minute. */
function matchesBetween(calendar: Calendar, from: number, to: number): number[] {
  const offset = (calendar.second[0]?.start ?? 0) * 1_000;
  const clocks: number[] = [];
  for (let clock = from + offset; clock < to; clock += MINUTE_MS) {
    if (isMatch(calendar, clock)) clocks.push(clock);
  }
  return clocks;
}

/** That clocks show twice, and at which it fires twice. */
function doubled(calendar: Calendar, timezone: string, { at, before, after }: ClockChange) {
  const width = before - after;
  const seen = new Set<number>();
  for (let time: number | undefined = at - width - 1; ;) {
    time = nextOfCalendar(calendar, timezone, time);
    if (time === undefined || time >= at + width) return undefined;
    const clock = clockAt(timezone, time);
    if (seen.has(clock)) return clock;
    seen.add(clock);
  }
}

function textOf(clock: number): string {
  return new Date(clock).toISOString().slice(0, 16).replace('T', ' ');
}
