import { expect, test } from 'vitest';
import type { NoticeNews } from '../../db/notices/routing.ts';
import { NoticeSettings } from '../../pipeline/notices.ts';
import { planNotices } from './notice-plan.ts';
import { tell } from './tell.ts';

const NOW = new Date('2026-11-21T12:00:00Z');
const minutesAgo = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000);

function news(changes: Partial<NoticeNews> = {}): NoticeNews {
  return {
    id: 1,
    kind: 'run_failed',
    severity: 'error',
    recovered: false,
    closed: false,
    title: 'Run failed',
    message: 'daily_sales failed',
    details: [],
    run: 7,
    pipeline: 'daily_sales',
    tags: ['money'],
    raisedAt: NOW,
    at: NOW,
    count: 1,
    acknowledged: false,
    muted: false,
    told: null,
    channels: [],
    ...changes,
  };
}

const plan = (settings: object, env = {}) => planNotices(NoticeSettings.parse(settings), env);
const slack = { type: 'slack', url: 'https://x' };
const channels = { ops: slack, money: slack };
const routed = (route: object) => plan({ channels, routes: [{ channels: ['ops'], ...route }] });

/** `opened: ops, opened: money`, or why nobody is told. */
function outcome(...[about, by]: Parameters<typeof tell>): string {
  const telling = tell(about, by);
  if ('untold' in telling) return telling.untold;
  return telling.messages.map(({ event, channel }) => `${event}: ${channel}`).join(', ');
}

test('without routes every channel is told, and Slack is one when its variable is set', () => {
  const env = { SLACK_WEBHOOK_URL: 'https://hooks' };

  expect(outcome(news(), plan({ channels }))).toBe('opened: ops, opened: money');
  expect(outcome(news(), plan({}, env))).toBe('opened: slack');
  expect(outcome(news(), plan({}))).toBe('no_route');
});

test.each([
  [{ pipelines: ['daily_sales'] }, true],
  [{ pipelines: ['weekly', 'daily_*'] }, true],
  [{ pipelines: ['daily_sale'] }, false],
  [{ pipelines: ['daily.sales'] }, false],
  [{ pipelines: ['daily?sales'] }, true],
  [{ tags: ['people', 'money'] }, true],
  [{ tags: ['people'] }, false],
  [{ kinds: ['freshness'] }, false],
  [{ kinds: ['freshness', 'run_failed'] }, true],
  [{ severity: 'error' }, true],
  [{ severity: 'critical' }, false],
  [{ pipelines: ['daily_*'], tags: ['people'] }, false],
])('the route %j takes a failed run of daily_sales: %s', (route, taken) => {
  expect(outcome(news(), routed(route))).toBe(taken ? 'opened: ops' : 'no_route');
});

test('what is about no pipeline takes no route of pipelines or tags', () => {
  const queue = news({ kind: 'queue', pipeline: null, tags: [] });

  expect(outcome(queue, routed({ pipelines: ['*'] }))).toBe('no_route');
  expect(outcome(queue, routed({ tags: ['money'] }))).toBe('no_route');
  expect(outcome(queue, routed({}))).toBe('opened: ops');
});

test('a channel of several routes is told once', () => {
  const both = plan({ channels, routes: [{ channels: ['ops', 'money'] }, { channels: ['ops'] }] });

  expect(outcome(news(), both)).toBe('opened: ops, opened: money');
});

test('an open notice is told again after the repeat time, or at once when it has become worse', () => {
  const told = (minutes: number, severity: NoticeNews['severity'] = 'error') =>
    news({ count: 2, told: { at: minutesAgo(minutes), severity }, channels: ['ops', 'money'] });
  const hourly = plan({ channels, repeat: '1h' });

  expect(outcome(told(59), hourly)).toBe('repeated');
  expect(outcome(told(60), hourly)).toBe('repeated: ops, repeated: money');
  expect(outcome(told(1, 'warning'), hourly)).toBe('repeated: ops, repeated: money');
  expect(outcome(told(1, 'critical'), hourly)).toBe('repeated');
});

test('a channel that is told only of worse hears that a notice opened, though another one knew of it', () => {
  const pager = { channels: ['money'], severity: 'error' };
  const told = { at: minutesAgo(1), severity: 'warning' } as const;
  const routes = plan({ channels, routes: [{ channels: ['ops'] }, pager] });

  expect(outcome(news({ told, channels: ['ops'] }), routes)).toBe('repeated: ops, opened: money');
});

test('an acknowledged notice is not told again, and its recovery is', () => {
  const acknowledged = {
    acknowledged: true,
    told: { at: minutesAgo(600), severity: 'error' },
  } as const;

  expect(outcome(news(acknowledged), plan({ channels }))).toBe('acknowledged');
  expect(
    outcome(news({ ...acknowledged, recovered: true, channels: ['money'] }), plan({ channels })),
  ).toBe('recovered: money');
});

test('whoever was told of a notice hears that it is closed, and not that anything has recovered', () => {
  const over = { recovered: true, closed: true };

  expect(outcome(news({ ...over, channels: ['ops'] }), plan({ channels }))).toBe('closed: ops');
  expect(outcome(news(over), plan({ channels }))).toBe('');
});

test('a muted notice is told nobody; the recovery of what was told before the mute is', () => {
  expect(outcome(news({ muted: true }), plan({ channels }))).toBe('muted');
  const over = { recovered: true, muted: true };
  expect(outcome(news(over), plan({ channels }))).toBe('muted');
  expect(outcome(news({ ...over, channels: ['ops'] }), plan({ channels }))).toBe('recovered: ops');
});

test('a channel says what its template says, and the notice itself where that can not be filled in', () => {
  const spoken = plan({
    channels: {
      good: {
        ...slack,
        subject: '${{ notice.pipeline }} ${{ notice.event }}',
        message: '#${{ notice.run }}',
      },
      bad: { ...slack, message: '${{ notice.details[9].value }}' },
    },
  });
  const telling = tell(news(), spoken);

  const contents = 'messages' in telling ? telling.messages.map(({ content }) => content) : [];
  expect(contents[0]).toMatchObject({
    subject: 'daily_sales opened',
    message: '#7',
    title: 'Run failed',
  });
  expect(contents[1]).toMatchObject({ subject: null });
  expect(contents[1]?.['message']).toMatch(/^daily_sales failed \(text not usable: /);
});
