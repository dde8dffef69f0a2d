import * as z from 'zod';
import { Actor } from './actor.ts';
import { Limit, SoughtName } from './query.ts';
import { Time } from './time.ts';

const Attribute = (most: number) => z.string().min(1).max(most);
/** What happens in Highwater, and in places that it watches, has such a source. */
const OURS = 'highwater/';
const RESERVED = 'specversion, id, source, type, subject, time, datacontenttype, dataschema, data';

/** CloudEvents 1.0 in JSON: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md */
export const CloudEvent = z
  .object({
    specversion: z.literal('1.0', 'must be "1.0"'),
    id: Attribute(255).describe('Of its source: the same source and id again are the same event'),
    source: Attribute(400)
      .refine(
        (source) => !source.startsWith(OURS),
        `begins with ${OURS}: those are Highwater's own`,
      )
      .describe(`Any that does not begin with ${OURS}`),
    type: Attribute(255),
    subject: Attribute(1000).optional(),
    time: z.iso.datetime({ offset: true }).optional(),
    datacontenttype: Attribute(255).optional(),
    dataschema: Attribute(1000).optional(),
    data: z.unknown().optional(),
    data_base64: z.base64().optional(),
  })
  .catchall(z.union([z.string().max(1000), z.boolean(), z.int()]))
  .refine(({ data, data_base64 }) => data === undefined || data_base64 === undefined, {
    message: 'has either data or data_base64, not both',
  })
  .superRefine((event, context) => {
    for (const name of Object.keys(event)) {
      if (name === 'data_base64' || /^[a-z0-9]{1,50}$/.test(name)) continue;
      const message = `names of attributes are small letters and digits, beside ${RESERVED}`;
      context.addIssue({ code: 'custom', path: [name], message });
    }
  })
  .meta({ id: 'CloudEvent' });
export type CloudEvent = z.infer<typeof CloudEvent>;

export const CloudEvents = z.array(CloudEvent).min(1).max(1000);

export const EventReceipt = z
  .object({
    id: z.int().describe('By which it is found here'),
    source: z.string(),
    event_id: z.string().describe('The id that its source gave it'),
    duplicate: z.boolean().describe('It was here before; what was sent now is not kept'),
  })
  .meta({ id: 'EventReceipt' });
export type EventReceipt = z.infer<typeof EventReceipt>;

export const EventReceipts = z
  .object({ events: z.array(EventReceipt) })
  .meta({ id: 'EventReceipts' });
export type EventReceipts = z.infer<typeof EventReceipts>;

const MatchState = z
  .enum(['waiting', 'started', 'duplicate', 'skipped', 'dead'])
  .meta({ id: 'EventMatchState' });

export const EventMatch = z
  .object({
    pipeline: z.string(),
    trigger: z.string(),
    state: MatchState,
    run: z.int().nullable(),
    events: z.int().describe('How many events the run is for'),
    due_at: Time.nullable().describe('When its run starts, while it waits'),
    reason: z.object({ code: z.string(), message: z.string() }).nullable(),
    matched_at: Time,
  })
  .meta({ id: 'EventMatch' });
export type EventMatch = z.infer<typeof EventMatch>;

export const EventSummary = z
  .object({
    id: z.int(),
    source: z.string(),
    event_id: z.string(),
    type: z.string(),
    subject: z.string().nullable(),
    received_at: Time,
    state: z
      .enum(['received', 'matched', 'unmatched', 'dead'])
      .describe('received: nobody has looked at it yet; dead: something could not be started'),
    runs: z.array(z.int()),
    links: z.object({ self: z.string() }),
  })
  .meta({ id: 'EventSummary' });
export type EventSummary = z.infer<typeof EventSummary>;

export const Event = EventSummary.extend({
  event: z.record(z.string(), z.unknown()).describe('As CloudEvents 1.0 has it in JSON'),
  depth: z.int().describe('How many runs that started each other led to it'),
  matches: z.array(EventMatch).describe('In the order of their making'),
}).meta({ id: 'Event' });
export type Event = z.infer<typeof Event>;

export const EventPage = z
  .object({
    events: z.array(EventSummary),
    cursor: z.string().nullable().describe('Where the next page begins; null on the last'),
    links: z.object({ next: z.string().nullable() }),
  })
  .meta({ id: 'EventPage' });
export type EventPage = z.infer<typeof EventPage>;

export const EventsQuery = z.strictObject({
  type: SoughtName.optional(),
  source: SoughtName.optional(),
  state: z.enum(['received', 'matched', 'unmatched', 'dead']).optional(),
  cursor: z.string().max(200).optional(),
  limit: Limit.optional(),
});

export const ReplayRequest = z
  .strictObject({
    actor: Actor,
    trigger: z
      .string()
      .regex(/^[a-z0-9_]+\/[a-z0-9_]+$/, 'must be pipeline/name')
      .optional()
      .describe('Only this trigger, as pipeline/name; all that match when left out'),
    only_dead: z.boolean().optional().describe('Only triggers that could start nothing for it'),
  })
  .meta({ id: 'ReplayRequest' });
export type ReplayRequest = z.infer<typeof ReplayRequest>;
