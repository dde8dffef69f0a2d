import * as z from 'zod';
import { Duration } from './duration.ts';
import { says } from './says.ts';

const TYPE = /^[^\s*]+$|^[^\s*]+\.\*$/;

/** Where events come from by themselves, beside those that are posted. */
const EventSource = z.union([
  z.string().min(1).max(500),
  z.strictObject({
    connection: z.string().min(1),
    channel: z
      .string()
      .regex(/^[a-z_][a-z0-9_]{0,62}$/, says('trigger.invalid', 'must be a plain Postgres name')),
  }),
  z.strictObject({ folder: z.string().min(1).max(500) }),
  z.strictObject({
    connection: z.string().min(1),
    bucket: z.string().min(1).max(255),
    objects: z.string().min(1).max(500).default('**'),
    every: Duration.default('10s'),
  }),
]);

/** Runs begin when something has happened. */
export const EventTrigger = z.strictObject({
  type: z
    .string()
    .max(255)
    .regex(TYPE, says('trigger.invalid', 'must be a type, or the beginning of one such as shop.*'))
    .optional()
    .describe('The type of the events: all of it, or its beginning with .* behind'),
  source: EventSource.optional().describe(
    'Only events of this source; or a channel of a connection, files such as incoming/*.csv, or a bucket',
  ),
  filter: z.string().min(1).optional().describe('CEL that says which events: event.data.n > 10'),
  dedup: z
    .string()
    .min(1)
    .optional()
    .describe('Events for which this is the same start one run: ${{ event.data.order }}'),
  key: z
    .string()
    .min(1)
    .optional()
    .describe('With debounce or batch: events wait together for each value of it'),
  debounce: Duration.optional().describe('Waits until it was quiet this long; the last event wins'),
  max_wait: Duration.optional().describe('The longest that debounce waits; ten times as long'),
  batch: z
    .strictObject({ max: z.int().min(1).max(1000).default(100), window: Duration })
    .optional()
    .describe('One run for many events, which it gets as the list events'),
});
export type EventTrigger = z.infer<typeof EventTrigger>;
