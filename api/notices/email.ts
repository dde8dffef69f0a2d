import { createTransport } from 'nodemailer';
import { messageOf } from '../../runtime/fault.ts';
import type { DeliveryContent } from './content.ts';
import type { Sent } from './post.ts';
import { timeText } from './slack-text.ts';

const CONNECT_MS = 5_000;

export interface Envelope {
  /** `smtp://user:password@host:port` */
  readonly url: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly messageId: string;
}

/** One message to all; a server that takes it for some of them only has it, and the note says for whom not. */
export async function sendEmail(
  { url, from, to, messageId }: Envelope,
  content: DeliveryContent,
  signal: AbortSignal,
): Promise<Sent> {
  const transport = createTransport({
    ...{ url, connectionTimeout: CONNECT_MS, greetingTimeout: CONNECT_MS, dnsTimeout: CONNECT_MS },
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    const { rejected } = await transport.sendMail({
      from,
      to: [...to],
      subject: subjectOf(content),
      text: textOf(content),
      messageId: `<${messageId}@highwater>`,
      headers: { 'webhook-id': messageId, 'auto-submitted': 'auto-generated' },
      signal,
    });
    return { ok: true, note: rejected.length > 0 ? `refused for ${rejected.join(', ')}` : null };
  } catch (error) {
    const reason = signal.aborted ? 'no answer in time' : messageOf(error);
    return { ok: false, error: reason, retryAfterMs: null };
  } finally {
    transport.close();
  }
}

function subjectOf({ subject, title, event, severity }: DeliveryContent): string {
  const isOver = event === 'recovered' || event === 'closed';
  return subject ?? `[${(isOver ? event : severity).toUpperCase()}] ${title}`;
}

function textOf(content: DeliveryContent): string {
  const { message, details, pipeline, run } = content;
  const known = new Set(details.map(({ key }) => key));
  const facts = [
    ...details,
    ...(pipeline === null || known.has('Pipeline') ? [] : [{ key: 'Pipeline', value: pipeline }]),
    ...(run === null || known.has('Run') ? [] : [{ key: 'Run', value: String(run) }]),
    { key: 'Time', value: timeText(content.raised_at) },
  ];
  return `${message}\n\n${facts.map(({ key, value }) => `${key}: ${value}`).join('\n')}\n`;
}
