import * as z from 'zod';
import { Limit, SoughtName, Wait } from './query.ts';
import { Time } from './time.ts';

const LogLevel = z.enum(['debug', 'info', 'warn', 'error']).meta({ id: 'LogLevel' });

export const LogLine = z
  .object({
    id: z.int(),
    block: z.string(),
    attempt: z.int(),
    level: LogLevel,
    message: z.string(),
    fields: z.record(z.string(), z.unknown()).nullable(),
    logged_at: Time,
  })
  .meta({ id: 'LogLine' });
export type LogLine = z.infer<typeof LogLine>;

export const LogPage = z
  .object({
    lines: z.array(LogLine),
    after: z.int().describe('Ask with this for what comes next'),
    more: z.boolean().describe('False: nothing more will come, ever'),
  })
  .meta({ id: 'LogPage' });
export type LogPage = z.infer<typeof LogPage>;

export const LogsQuery = z.strictObject({
  block: SoughtName.optional(),
  level: LogLevel.optional().describe('This level and those above it'),
  after: z
    .string()
    .regex(/^\d{1,15}$/, 'must be the `after` of the page before')
    .transform(Number)
    .meta({ type: 'integer' })
    .optional(),
  limit: Limit.optional(),
  wait: Wait.optional(),
});
