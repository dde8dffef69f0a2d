import * as z from 'zod';
import { Duration } from './duration.ts';

const HttpUrl = z
  .string()
  .regex(/^(https?:\/\/|\$\{\{)/, 'must be an http:// or https:// address, or ${{ … }}');
const Status = z.int().min(100).max(599);

/** What a sensor waits for, when it is no code of one's own. */
export const Until = z.union([
  z.strictObject({
    file: z.string().min(1).describe('It is there: a path, or a pattern such as in/*.csv'),
  }),
  z.strictObject({
    query: z
      .string()
      .min(1)
      .describe('The first value of its first row is true, and not 0 or empty'),
    connection: z.string().min(1).optional().describe('Where it runs; DuckDB when left out'),
  }),
  z.strictObject({
    url: HttpUrl.describe('It answers'),
    method: z.enum(['GET', 'HEAD', 'POST']).default('GET'),
    status: z
      .union([Status, z.array(Status).min(1)])
      .optional()
      .describe('With one of these; with any 2xx when left out'),
    headers: z.record(z.string(), z.string()).default({}),
  }),
  z.strictObject({
    pipeline: z
      .string()
      .min(1)
      .describe("Its successful runs cover this run's interval, or stand for the same time"),
    within: Duration.optional().describe('Instead: its last success is no older than this'),
  }),
]);
export type Until = z.infer<typeof Until>;

/** How often it looks, and how long it waits. */
export const SensorFields = {
  until: Until.optional(),
  interval: Duration.optional().describe('Between the first two checks; 1m when left out'),
  backoff: z.number().min(1).max(100).optional().describe('Each wait is this many times the last'),
  max_interval: Duration.optional().describe(
    'No wait is longer; 1h, or the interval if that is longer',
  ),
  timeout: Duration.optional().describe('How long it waits at most; 1d when left out'),
  check_timeout: Duration.optional().describe('Bounds one check; 1m when left out'),
  soft_fail: z
    .boolean()
    .optional()
    .describe(
      'true: when it waited in vain it is skipped with what depends on it; the run succeeds',
    ),
};
