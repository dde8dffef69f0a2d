import { readPart } from '../triggers/calendar-part.ts';
import { calendarOf, readCron } from '../triggers/cron.ts';
import type { Calendar, CalendarPart, Range } from '../triggers/schedule.ts';
import type { CalendarDefinition, ScheduleTrigger } from './schedule-trigger.ts';

/** What files call the parts of a calendar. */
export const PARTS = {
  second: 'second',
  minute: 'minute',
  hour: 'hour',
  day_of_month: 'dayOfMonth',
  month: 'month',
  day_of_week: 'dayOfWeek',
  year: 'year',
} as const satisfies Partial<Record<keyof CalendarDefinition, CalendarPart>>;

export const PART_NAMES = Object.keys(PARTS) as (keyof typeof PARTS)[];

const DAY = /^(\d{4})-(\d\d)-(\d\d)$/;

/** The times that a checked schedule names by cron or by their parts. What can't be read is left out. */
export function calendarsOf({ cron = [], calendars = [] }: ScheduleTrigger): Calendar[] {
  const crons = (typeof cron === 'string' ? [cron] : cron).flatMap(
    (text) => readCron(text).calendar ?? [],
  );
  return [...crons, ...calendars.map((calendar) => fromParts(calendar))];
}

/** The times at which a checked schedule never fires. A part that is left out is any. */
export function skippedBy({ skip = [] }: ScheduleTrigger): Calendar[] {
  return skip.flatMap((entry) => {
    if (typeof entry !== 'string') return [fromParts({ ...WHOLE_DAY, ...entry })];
    const [, year, month, day_of_month] = DAY.exec(entry) ?? [];
    if (year === undefined || month === undefined || day_of_month === undefined) return [];
    return [fromParts({ ...WHOLE_DAY, year, month, day_of_month, comment: entry })];
  });
}

const WHOLE_DAY = { second: '*', minute: '*', hour: '*' };

function fromParts(definition: CalendarDefinition): Calendar {
  const parts = PART_NAMES.flatMap((name): [CalendarPart, readonly Range[]][] => {
    const text = definition[name];
    if (text === undefined) return [];
    const { ranges } = readPart(PARTS[name], String(text));
    return ranges ? [[PARTS[name], ranges]] : [];
  });
  return calendarOf(Object.fromEntries(parts), definition.comment);
}

/** Whether a text is a day that exists, such as 2026-12-25. */
export function isDay(text: string): boolean {
  if (!DAY.test(text)) return false;
  const time = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(text);
}
