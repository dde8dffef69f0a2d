import { Temporal } from 'temporal-polyfill';
import type { Schedule } from './schedule.ts';

/** The first and the last moment at which a schedule may fire, in milliseconds since 1970; both may be infinite. */
export function boundsOf({ start, end, timezone }: Pick<Schedule, 'start' | 'end' | 'timezone'>): {
  readonly start: number;
  readonly end: number;
} {
  return {
    start: start === undefined ? -Infinity : momentOf(start, timezone),
    end: end === undefined ? Infinity : momentOf(end, timezone),
  };
}

/**
 * A day, which begins at its midnight, or a time; one without an offset is of the time zone. Throws a `RangeError`
 * when it is neither.
 */
export function momentOf(text: string, timezone: string): number {
  if (/(Z|[+-]\d\d:\d\d)$/.test(text)) return Temporal.Instant.from(text).epochMilliseconds;
  return Temporal.PlainDateTime.from(text).toZonedDateTime(timezone).epochMilliseconds;
}

/** Whether it is the name of a time zone, such as Europe/Berlin. */
export function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}
