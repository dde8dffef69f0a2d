import * as z from 'zod';
import { CLOSED_BECAUSE, NOTICE_KINDS, SEVERITIES } from '../../metadata/notice.ts';
import { Limit, SoughtName } from './query.ts';
import { Time } from './time.ts';

const NoticeState = z
  .enum(['open', 'acknowledged', 'recovered', 'closed'])
  .meta({ id: 'NoticeState' });
const NoticeKind = z.enum(NOTICE_KINDS).meta({ id: 'NoticeKind' });
const Severity = z.enum(SEVERITIES).meta({ id: 'Severity' });

/** Something that somebody should know, from its first occurrence to its recovery. */
export const NoticeSummary = z
  .object({
    id: z.int(),
    state: NoticeState,
    kind: NoticeKind,
    severity: Severity,
    subject: z.string().describe('What is raised under the same subject is one notice'),
    pipeline: z.string().nullable(),
    run: z.int().nullable().describe('The latest run that it is about'),
    title: z.string(),
    message: z.string(),
    details: z.array(z.object({ key: z.string(), value: z.string() })),
    count: z.int().describe('How often it was raised'),
    first_raised_at: Time,
    last_raised_at: Time,
    told_at: Time.nullable().describe('When somebody was last told of it'),
    untold: z
      .enum(['muted', 'acknowledged', 'repeated', 'no_route'])
      .nullable()
      .describe('Why nobody was told when it was last raised; null: somebody was'),
    acknowledged: z.object({ at: Time, by: z.string() }).nullable(),
    recovered_at: Time.nullable(),
    closed: z
      .object({ at: Time, because: z.enum(CLOSED_BECAUSE) })
      .nullable()
      .describe('When it ended with nothing recovered, and what became of its pipeline'),
    links: z.object({ self: z.string(), run: z.string().nullable() }),
  })
  .meta({ id: 'NoticeSummary' });
export type NoticeSummary = z.infer<typeof NoticeSummary>;

const Delivery = z
  .object({
    message_id: z.string().describe('The header webhook-id, the same at every attempt'),
    event: z.enum(['opened', 'repeated', 'recovered', 'closed']),
    channel: z.string(),
    state: z.enum(['pending', 'delivered', 'given_up']),
    attempts: z.int(),
    next_attempt_at: Time.nullable(),
    error: z.string().nullable().describe('Of the last attempt'),
    created_at: Time,
    ended_at: Time.nullable(),
  })
  .meta({ id: 'NoticeDelivery' });

export const Notice = NoticeSummary.extend({ deliveries: z.array(Delivery) }).meta({
  id: 'Notice',
});
export type Notice = z.infer<typeof Notice>;

export const NoticePage = z
  .object({
    notices: z.array(NoticeSummary),
    cursor: z.string().nullable().describe('Where the next page begins; null on the last'),
    links: z.object({ next: z.string().nullable() }),
  })
  .meta({ id: 'NoticePage' });
export type NoticePage = z.infer<typeof NoticePage>;

const States = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(NoticeState))
  .meta({ type: 'string', description: 'One state or several, with commas between' });

const Kinds = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(NoticeKind))
  .meta({ type: 'string', description: 'One kind or several, with commas between' });

export const NoticesQuery = z.strictObject({
  state: States.optional(),
  kind: Kinds.optional(),
  pipeline: SoughtName.optional(),
  cursor: z.string().max(200).optional(),
  limit: Limit.optional(),
});

const Person = SoughtName.trim().min(1).describe('Who does it');

export const Acknowledgement = z.strictObject({ by: Person }).meta({ id: 'Acknowledgement' });

export const NoticeTest = z
  .strictObject({ channel: z.string().max(200) })
  .meta({ id: 'NoticeTest' });

/** How the one attempt of a test went. */
export const NoticeTestResult = z
  .object({
    channel: z.string(),
    delivered: z.boolean(),
    error: z.string().nullable(),
    duration_ms: z.int(),
  })
  .meta({ id: 'NoticeTestResult' });
export type NoticeTestResult = z.infer<typeof NoticeTestResult>;

export const Mute = z
  .object({
    id: z.int(),
    active: z.boolean(),
    pipeline: z.string().nullable().describe('Null: everything, whatever it is about'),
    kind: NoticeKind.nullable().describe('Null: every kind'),
    until: Time.nullable().describe('Null: until it is lifted'),
    reason: z.string(),
    created_at: Time,
    created_by: z.string(),
    lifted_at: Time.nullable(),
    lifted_by: z.string().nullable(),
  })
  .meta({ id: 'Mute' });
export type Mute = z.infer<typeof Mute>;

export const MuteList = z.object({ mutes: z.array(Mute) }).meta({ id: 'MuteList' });
export type MuteList = z.infer<typeof MuteList>;

export const MuteRequest = z
  .strictObject({
    pipeline: SoughtName.optional(),
    kind: NoticeKind.optional(),
    until: z.iso
      .datetime({ offset: true })
      .refine((text) => Date.parse(text) > Date.now(), 'must lie in the future')
      .optional(),
    reason: z.string().max(1000).default(''),
    by: Person,
  })
  .meta({ id: 'MuteRequest' });

export const MutesQuery = z.strictObject({
  all: z.enum(['true', 'false']).optional().describe('Also those that are over'),
});

export const LiftQuery = z.strictObject({ by: Person });
