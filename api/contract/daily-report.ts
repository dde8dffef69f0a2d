import * as z from 'zod';
import { Limit, SoughtName } from './query.ts';

const Days = z
  .string()
  .regex(/^\d{1,3}$/, 'must be a whole number')
  .transform(Number)
  .refine((days) => days >= 1 && days <= 366, 'must be between 1 and 366')
  .meta({ type: 'integer', minimum: 1, maximum: 366, description: 'How many days before today' });

const Page = z
  .string()
  .regex(/^[1-9]\d{0,8}$/, 'must be a whole number above 0')
  .transform(Number)
  .meta({ type: 'integer', minimum: 1 });

export const DailyReportQuery = z.strictObject({
  days: Days.optional(),
  pipeline: SoughtName.optional(),
  type: SoughtName.optional(),
  limit: Limit.optional(),
  page: Page.optional(),
});

/** The executions of a pipeline that began on a day of UTC. */
export const DailyFigures = z
  .object({
    date: z.iso.date(),
    pipeline: z.string(),
    type: z.string(),
    executions: z.int().describe('Those that are still open too'),
    failed: z.int(),
    error_percentage: z.number(),
    anomalous: z.int().describe('With at least one flag'),
    inserts: z.number(),
    updates: z.number(),
    soft_deletes: z.number(),
    total_rows: z.number(),
    duration_seconds: z.number(),
    avg_duration_seconds: z.number(),
    throughput: z.number().describe('Rows a second'),
  })
  .meta({ id: 'DailyFigures' });
export type DailyFigures = z.infer<typeof DailyFigures>;

export const DailyReport = z
  .object({
    rows: z.array(DailyFigures).describe('The newest day first, pipelines by name'),
    total: z.int(),
    page: z.int(),
    pages: z.int(),
  })
  .meta({ id: 'DailyReport' });
export type DailyReport = z.infer<typeof DailyReport>;
