import type { NoticeChannel } from '../../pipeline/notices.ts';
import { evaluateText } from '../../plan/expression.ts';
import { within } from '../../runtime/abort.ts';
import { Fault } from '../../runtime/fault.ts';
import type { DeliveryContent } from './content.ts';
import { sendEmail } from './email.ts';
import type { Env } from './notice-plan.ts';
import { post, type Sent } from './post.ts';
import { sign } from './sign.ts';
import { slackText } from './slack-text.ts';

const ANSWER_MS = 10_000;

export interface OutgoingNotice {
  /** The same at every attempt. */
  readonly messageId: string;
  readonly content: DeliveryContent;
}

/** Sends one notice through one channel, once. Never fails: what went wrong is in the answer. */
export async function sendNotice(
  channel: NoticeChannel,
  notice: OutgoingNotice,
  env: Env,
  stopping: AbortSignal,
): Promise<Sent> {
  try {
    return await within(ANSWER_MS, stopping, (signal) => send(channel, notice, env, signal));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { ok: false, error: error.message, retryAfterMs: null }; // a setting is of no use
  }
}

/** One case for each type of channel. */
function send(
  channel: NoticeChannel,
  { messageId, content }: OutgoingNotice,
  env: Env,
  signal: AbortSignal,
): Promise<Sent> {
  const read = (text: string) => evaluateText(text, { env });
  switch (channel.type) {
    case 'slack': {
      const body = JSON.stringify({ text: slackText(content) });
      return post(read(channel.url), body, { 'webhook-id': messageId }, signal);
    }
    case 'webhook': {
      const body = JSON.stringify(toEvent(content));
      const secret = read(channel.secret);
      if (secret === '') throw new Fault('connection.invalid', 'its secret is empty');
      const timestamp = Math.floor(Date.now() / 1000);
      const headers = {
        'webhook-id': messageId,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': sign(secret, messageId, timestamp, body),
      };
      return post(read(channel.url), body, headers, signal);
    }
    case 'email': {
      const [url, from, to] = [read(channel.url), read(channel.from), channel.to.map(read)];
      return sendEmail({ url, from, to, messageId }, content, signal);
    }
  }
}

/** The three keys that Standard Webhooks has every payload hold. */
function toEvent({ raised_at, ...data }: DeliveryContent) {
  return { type: `notice.${data.event}`, timestamp: raised_at, data };
}
