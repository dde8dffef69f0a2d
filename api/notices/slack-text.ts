import type { Severity } from '../../metadata/notice.ts';
import type { DeliveryContent } from './content.ts';

const EMOJIS: Readonly<Record<Severity | 'success', string>> = {
  info: 'ℹ️',
  warning: '⚠️',
  error: '❌',
  critical: '🚨',
  success: '✅',
};
/** Slack takes 40,000 characters. */
const LONGEST = 39_000;

/** Watcher's own format, so that whoever reads or parses its alerts finds them as before. */
export function slackText(content: DeliveryContent): string {
  const level = content.event === 'recovered' ? 'success' : content.severity;
  const details = content.details.map(({ key, value }) => `• *${escape(key)}:* ${escape(value)}`);
  const lines = [
    `${EMOJIS[level]} *${level.toUpperCase()}*`,
    `*${escape(content.subject ?? content.title)}*`,
    `*Timestamp:* ${timeText(content.raised_at)}`,
    `*Message:* ${escape(content.message)}`,
    ...(details.length > 0 ? ['', '*Details:*', ...details] : []),
  ];
  return lines.join('\n').slice(0, LONGEST);
}

/** `2026-01-31 12:00:00 UTC` */
export function timeText(time: string): string {
  return `${time.slice(0, 19).replace('T', ' ')} UTC`;
}

/** Slack's own three escapes: without them an error message could address everybody in the channel. */
function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
