import * as z from 'zod';
import { CATCHUPS, OVERLAPS } from '../triggers/schedule.ts';
import { Duration } from './duration.ts';

const Cron = z.string().min(1).max(200);
const Time = z.string().min(1).max(50);
const Zone = z.string().min(1).max(100);

/** A number, or text in the manner of cron, such as `9-17`, `mon-fri` or `1,15`. */
const Part = z.union([z.int(), z.string().min(1).max(200)]);

const Calendar = z.strictObject({
  second: Part.optional(),
  minute: Part.optional(),
  hour: Part.optional(),
  day_of_month: Part.optional(),
  month: Part.optional(),
  day_of_week: Part.optional(),
  year: Part.optional(),
  comment: z.string().max(200).optional(),
});
export type CalendarDefinition = z.infer<typeof Calendar>;

/** Runs begin at times that are known before. */
export const ScheduleTrigger = z.strictObject({
  cron: z
    .union([Cron, z.array(Cron).min(1).max(20)])
    .optional()
    .describe('Minute, hour, day of month, month, day of week: 0 2 * * *'),
  interval: z
    .union([
      z.string().min(1).max(50),
      z.strictObject({ every: Duration, offset: Duration.optional() }),
    ])
    .optional()
    .describe('A duration, counted from 1970-01-01 UTC; or every and offset'),
  calendars: z
    .array(Calendar)
    .min(1)
    .max(50)
    .optional()
    .describe('Times by their parts; second, minute and hour are 0 when left out'),
  skip: z
    .array(z.union([z.string().min(1), Calendar]))
    .max(500)
    .optional()
    .describe('Never then: days such as 2026-12-25, or calendars'),
  timezone: Zone.default('UTC').describe('An IANA name, such as Europe/Berlin'),
  start: Time.optional().describe('Not before: a day, or a time such as 2026-01-31T12:00'),
  end: Time.optional().describe('Not after'),
  jitter: Duration.optional().describe('Each start comes up to so much later, by chance'),
  catchup: z
    .enum(CATCHUPS)
    .default('latest')
    .describe('Which missed fire times are made up for when the stack is back'),
  catchup_window: Duration.default('7d').describe('What was missed longer ago stays missed'),
  overlap: z
    .enum(OVERLAPS)
    .optional()
    .describe('What happens while the last run still runs: skip; buffer_all with catchup: all'),
  pause_after_failures: z
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe('So many failed runs one after the other pause it'),
});
export type ScheduleTrigger = z.infer<typeof ScheduleTrigger>;
