import * as z from 'zod';
import { Duration, durationMs } from '../../pipeline/duration.ts';

const MAX_WAIT_MS = 60_000;

/** `30s` or `500ms`, as milliseconds. */
export const Wait = Duration.transform(durationMs)
  .refine((ms) => ms <= MAX_WAIT_MS, 'must not be longer than 60s')
  .meta({ type: 'string', description: 'How long to wait, such as 30s; at most 60s' });

/** A name to look for; nothing that exists is called by another text. */
export const SoughtName = z
  .string()
  .max(200)
  .regex(/^[^\0]*$/, 'must not hold U+0000');

export const Limit = z
  .string()
  .regex(/^\d{1,4}$/, 'must be a whole number')
  .transform(Number)
  .refine((limit) => limit >= 1 && limit <= 1000, 'must be between 1 and 1000')
  .meta({ type: 'integer', minimum: 1, maximum: 1000 });

/** The number of something, as a query gives it. */
export const Id = z
  .string()
  .regex(/^[1-9]\d{0,8}$/, 'must be a whole number')
  .transform(Number)
  .meta({ type: 'integer' });

export const WaitQuery = z.strictObject({ wait: Wait.optional() });

export const NoQuery = z.strictObject({});
