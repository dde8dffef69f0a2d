import { Temporal } from 'temporal-polyfill';
import { Fault } from '../runtime/fault.ts';
import type { Cadence } from './cadence.ts';
import { fireTimesAfter } from './fire-times.ts';
import { isTimezone } from './schedule-bounds.ts';
import type { Schedule } from './schedule.ts';

/** From the start up to, but without, the end. */
export interface Interval {
  readonly start: Date;
  readonly end: Date;
}

const TIME = /^(?!0000)\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(Z|[+-]\d\d:\d\d)?)?$/;

/** Fails with `backfill.invalid` unless it is the name of a time zone. */
export function checkTimezone(name: string): string {
  if (isTimezone(name)) return name;
  const message = `There is no time zone "${name}": write one such as Europe/Berlin or UTC`;
  throw new Fault('backfill.invalid', message);
}

/**
 * Reads a day, which begins at its midnight, or a time; without an offset both are of the time zone. A time
 * that daylight saving skips is as much later, and one that comes twice is the first.
 */
export function readTime(text: string, timezone: string): Temporal.ZonedDateTime {
  const found = TIME.exec(text);
  if (!found) throw noTime(text);
  const [, offset] = found;
  try {
    if (offset !== undefined) return Temporal.Instant.from(text).toZonedDateTimeISO(timezone);
    if (text.length === 10) return Temporal.PlainDate.from(text).toZonedDateTime(timezone);
    return Temporal.PlainDateTime.from(text).toZonedDateTime(timezone);
  } catch {
    throw noTime(text);
  }
}

/**
 * The intervals between two times of one time zone, each a step long. Days and months are those of its
 * calendar, so that a day may have 23 or 25 hours; a month that is too short ends the step on its last day. Fails with
 * `backfill.invalid` when there are more than `most`, or when the steps do not end where they should.
 */
export function intervalsBetween(
  from: Temporal.ZonedDateTime,
  to: Temporal.ZonedDateTime,
  cadence: Cadence,
  most: number,
): Interval[] {
  requireOrder(from, to);
  const end = to.epochMilliseconds;
  const intervals: Interval[] = [];
  let start = from.epochMilliseconds;
  while (start < end) {
    if (intervals.length === most) throw tooMany(most);
    const next = stepFrom(from, cadence, intervals.length + 1);
    if (next.epochMilliseconds > end)
      throw ragged(to, stepFrom(from, cadence, intervals.length), next);
    intervals.push({ start: new Date(start), end: new Date(next.epochMilliseconds) });
    start = next.epochMilliseconds;
  }
  return intervals;
}

/**
 * The intervals of a schedule that lie between two times: each begins at one of its fire times and ends at
 * the next, whether the schedule was there already or not.
 */
export function intervalsOfSchedule(
  { start: _start, end: _end, ...schedule }: Schedule,
  from: Temporal.ZonedDateTime,
  to: Temporal.ZonedDateTime,
  most: number,
): Interval[] {
  requireOrder(from, to);
  const after = new Date(from.epochMilliseconds - 1);
  const times = fireTimesAfter(schedule, after, most + 2, new Date(to.epochMilliseconds));
  if (times.length > most + 1) throw tooMany(most);
  const intervals = times.flatMap((end, at) => {
    const start = times[at - 1];
    return start ? [{ start, end }] : [];
  });
  if (intervals.length > 0) return intervals;
  const message = `No interval of the schedule lies between ${text(from)} and ${text(to)}`;
  throw new Fault('backfill.invalid', message);
}

/** Counted from the origin: a 31st is one again after a short month. */
function stepFrom(
  origin: Temporal.ZonedDateTime,
  cadence: Cadence,
  steps: number,
): Temporal.ZonedDateTime {
  switch (cadence.kind) {
    case 'clock':
      return origin.add({ milliseconds: cadence.ms * steps });
    case 'days':
      return origin.add({ days: cadence.count * steps });
    case 'months':
      return origin.add({ months: cadence.count * steps });
  }
}

function requireOrder(from: Temporal.ZonedDateTime, to: Temporal.ZonedDateTime): void {
  if (from.epochMilliseconds < to.epochMilliseconds) return;
  throw new Fault('backfill.invalid', `It must begin before it ends: ${text(from)}, ${text(to)}`);
}

function ragged(
  to: Temporal.ZonedDateTime,
  before: Temporal.ZonedDateTime,
  after: Temporal.ZonedDateTime,
): Fault {
  const message = `No step ends at ${text(to)}: take ${text(before)} or ${text(after)} as its end`;
  return new Fault('backfill.invalid', message);
}

function tooMany(most: number): Fault {
  const message = `These are more than ${most} intervals: take longer steps, or several backfills`;
  return new Fault('backfill.invalid', message);
}

function noTime(text: string): Fault {
  const message = `"${text}" is no date: write one such as 2026-01-31, 2026-01-31T12:00 or 2026-01-31T12:00Z`;
  return new Fault('backfill.invalid', message);
}

function text(time: Temporal.ZonedDateTime): string {
  return time.toString({ timeZoneName: 'never', smallestUnit: 'second' });
}
