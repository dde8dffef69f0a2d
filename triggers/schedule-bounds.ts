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

/** Names that were asked about: to find it out takes a third of a millisecond. */
const asked = new Map<string, boolean>();
const MOST_ASKED = 1_000;

/** Whether it is the name of a time zone, such as Europe/Berlin. */
export function isTimezone(name: string): boolean {
  const known = asked.get(name);
  if (known !== undefined) return known;
  if (asked.size >= MOST_ASKED) asked.clear();
  const found = /^[A-Za-z]/.test(name) && canFormat(name);
  asked.set(name, found);
  return found;
}

function canFormat(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return true;
  } catch {
    return false;
  }
}
