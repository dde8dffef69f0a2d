import { expect, test } from 'vitest';
import type { DeliveryContent } from './content.ts';
import { slackText } from './slack-text.ts';

const CONTENT: DeliveryContent = {
  id: 1,
  event: 'opened',
  kind: 'timeliness',
  severity: 'warning',
  subject: null,
  title: 'Timeliness Check - Pipeline Execution',
  message: 'Pipeline Execution Timeliness Check - 1 new execution(s) overdue',
  details: [{ key: 'Total Anomalies', value: '1' }],
  pipeline: 'daily_sales',
  tags: [],
  run: 7,
  count: 1,
  raised_at: '2026-11-21T02:03:04.567Z',
};

test('a notice looks as Watcher writes it', () => {
  expect(slackText(CONTENT)).toBe(
    '⚠️ *WARNING*\n' +
      '*Timeliness Check - Pipeline Execution*\n' +
      '*Timestamp:* 2026-11-21 02:03:04 UTC\n' +
      '*Message:* Pipeline Execution Timeliness Check - 1 new execution(s) overdue\n' +
      '\n' +
      '*Details:*\n' +
      '• *Total Anomalies:* 1',
  );
});

test.each([
  ['info', 'ℹ️ *INFO*'],
  ['error', '❌ *ERROR*'],
  ['critical', '🚨 *CRITICAL*'],
] as const)('%s has its own mark', (severity, mark) => {
  expect(slackText({ ...CONTENT, severity, details: [] }).split('\n')[0]).toBe(mark);
});

test('a recovery is a success, and without details there is no heading for them', () => {
  const text = slackText({ ...CONTENT, event: 'recovered', details: [] });

  expect(text.split('\n')).toEqual([
    '✅ *SUCCESS*',
    '*Timeliness Check - Pipeline Execution*',
    '*Timestamp:* 2026-11-21 02:03:04 UTC',
    '*Message:* Pipeline Execution Timeliness Check - 1 new execution(s) overdue',
  ]);
});

test('nothing in a text can address the whole channel', () => {
  expect(slackText({ ...CONTENT, message: '<!channel> a & b' })).toContain(
    '&lt;!channel&gt; a &amp; b',
  );
});
