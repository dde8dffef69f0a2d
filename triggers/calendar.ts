import { matches } from './calendar-part.ts';
import type { Calendar } from './schedule.ts';
import { clockAt, momentOfClock } from './zone-clock.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const LAST_YEAR = 2100;

/**
 * The first moment after another one that matches a calendar; undefined: there is none. Around clock changes it is what
 * Temporal makes of it (`compiledCalendar.next` in service/worker/scheduler/calendar.go of its server 1.29): a time
 * that is left out is skipped, and one that comes twice fires once or twice, depending on the zone.
 */
export function nextOfCalendar(
  calendar: Calendar,
  timezone: string,
  after: number,
): number | undefined {
  const whole = Math.floor(after / SECOND) * SECOND;
  const now = clockAt(timezone, whole);
  const isRepeated = hourOf(clockAt(timezone, whole - HOUR)) === hourOf(now);
  return new Search(calendar, timezone, now, isRepeated).run();
}

/** Whether what a clock shows matches a calendar; clock times are written as milliseconds of UTC. */
export function isMatch(calendar: Calendar, clock: number): boolean {
  const date = new Date(clock);
  return (
    matches(calendar.second, date.getUTCSeconds()) &&
    matches(calendar.minute, date.getUTCMinutes()) &&
    matches(calendar.hour, date.getUTCHours()) &&
    matchesDay(calendar, date) &&
    matches(calendar.month, date.getUTCMonth() + 1) &&
    matchesYear(calendar, date.getUTCFullYear())
  );
}

/** Goes forward on the clock, by the largest unit that does not match. */
class Search {
  private readonly calendar: Calendar;
  private readonly timezone: string;
  private clock: number;
  /** Added to the moments of an hour that comes a second time. */
  private repeatMs: number;

  constructor(calendar: Calendar, timezone: string, clock: number, isRepeated: boolean) {
    this.calendar = calendar;
    this.timezone = timezone;
    this.clock = clock;
    this.repeatMs = isRepeated ? HOUR : 0;
  }

  run(): number | undefined {
    this.step(SECOND);
    for (;;) {
      const date = new Date(this.clock);
      const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
      if (year > LAST_YEAR) return undefined;
      if (!matchesYear(this.calendar, year)) this.jump(Date.UTC(year + 1, 0));
      else if (!matches(this.calendar.month, month + 1)) this.jump(Date.UTC(year, month + 1));
      else if (!matchesDay(this.calendar, date)) this.jump(beginningAfter(this.clock, DAY));
      else if (!this.matchesTime(date)) continue;
      else {
        const time = momentOfClock(this.timezone, this.clock);
        if (hourOf(clockAt(this.timezone, time)) === date.getUTCHours()) {
          return time + this.repeatMs;
        }
        this.clock = beginningAfter(this.clock, HOUR); // no clock shows this hour
      }
    }
  }

  /** False: it has gone on. */
  private matchesTime(date: Date): boolean {
    const { hour, minute, second } = this.calendar;
    if (!matches(hour, date.getUTCHours())) this.jump(beginningAfter(this.clock, HOUR));
    else if (!matches(minute, date.getUTCMinutes())) this.step(MINUTE);
    else if (!matches(second, date.getUTCSeconds())) this.step(SECOND);
    else return true;
    return false;
  }

  private jump(clock: number): void {
    this.clock = clock;
    this.repeatMs = 0;
  }

  /** When it comes to the end of an hour, that hour may have to be gone through again. */
  private step(unit: number): void {
    const hour = Math.floor(this.clock / HOUR) * HOUR;
    const next = beginningAfter(this.clock, unit);
    if (next < hour + HOUR) {
      this.clock = next;
      return;
    }
    const [from, to] = [hour, hour + HOUR].map((clock) => momentOfClock(this.timezone, clock));
    const isLong = from !== undefined && to !== undefined && to - from > HOUR;
    if (isLong && this.repeatMs === 0) {
      this.clock = hour;
      this.repeatMs = HOUR;
    } else this.jump(hour + HOUR);
  }
}

function hourOf(clock: number): number {
  return new Date(clock).getUTCHours();
}

function matchesYear({ year }: Calendar, value: number): boolean {
  return year.length === 0 || matches(year, value);
}

function matchesDay({ dayOfMonth, dayOfWeek }: Calendar, date: Date): boolean {
  return matches(dayOfMonth, date.getUTCDate()) && matches(dayOfWeek, date.getUTCDay());
}

function beginningAfter(clock: number, unit: number): number {
  return (Math.floor(clock / unit) + 1) * unit;
}
