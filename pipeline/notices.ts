import * as z from 'zod';
import { NOTICE_KINDS, SEVERITIES } from '../metadata/notice.ts';
import { Duration } from './duration.ts';
import { Key } from './name.ts';
import { says } from './says.ts';

/** What a channel says, instead of the notice's own title and message. */
const TEXTS = {
  subject: z.string().min(1).optional().describe('May hold ${{ notice.… }}'),
  message: z.string().min(1).optional().describe('May hold ${{ notice.… }}'),
};

const WebAddress = z
  .string()
  .regex(
    /^(https?:\/\/|\$\{\{)/,
    says('channel.invalid', "must be an http:// or https:// address, or '${{ env.NAME }}'"),
  );

const MailServer = z
  .string()
  .regex(
    /^(smtps?:\/\/|\$\{\{)/,
    says('channel.invalid', "must be a smtp:// or smtps:// address, or '${{ env.NAME }}'"),
  );

const Secret = z
  .string()
  .regex(/\$\{\{/, says('channel.invalid', "must come from the environment: '${{ env.NAME }}'"));

const NoticeChannel = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('slack'), url: WebAddress, ...TEXTS }),
  z.strictObject({
    type: z.literal('email'),
    url: MailServer,
    from: z.string().min(1),
    to: z.array(z.string().min(1)).min(1),
    ...TEXTS,
  }),
  z.strictObject({
    type: z.literal('webhook'),
    url: WebAddress,
    secret: Secret.describe('Signs every request (Standard Webhooks)'),
    ...TEXTS,
  }),
]);
export type NoticeChannel = z.infer<typeof NoticeChannel>;

const NoticeRoute = z.strictObject({
  pipelines: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('Names; * stands for any letters, ? for one'),
  tags: z.array(z.string().min(1)).min(1).optional().describe('One of them is enough'),
  kinds: z.array(z.enum(NOTICE_KINDS)).min(1).optional(),
  severity: z.enum(SEVERITIES).default('info').describe('The least that is told'),
  channels: z.array(z.string().min(1)).min(1),
});
export type NoticeRoute = z.infer<typeof NoticeRoute>;

/** Who is told of what: the section `notices` of `highwater.yaml`. */
export const NoticeSettings = z.strictObject({
  channels: z.record(Key, NoticeChannel).default({}),
  routes: z.array(NoticeRoute).optional().describe('Left out: every notice goes to every channel'),
  repeat: Duration.default('1h').describe('How soon an open notice may be told again'),
});
export type NoticeSettings = z.infer<typeof NoticeSettings>;
