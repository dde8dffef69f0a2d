import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { raiseNotice } from '../../db/notices/notices.ts';
import { startMailbox, type Mailbox } from '../support/mailbox.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';
import { brief, queueNotice, raise, untilNotice, type NoticeBody } from './notice-world.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
let receiver: Receiver;
let mailbox: Mailbox;
const SECRET = 'whsec_c2VjcmV0IG9mIHRoZSB0ZXN0';

const PROJECT = `
name: sample
notices:
  channels:
    hook: { type: webhook, url: '\${{ env.RECEIVER }}/hook', secret: '\${{ env.HOOK_SECRET }}' }
    mail:
      type: email
      url: '\${{ env.MAIL_SERVER }}'
      from: highwater@example.com
      to: [ops@example.com, nobody@example.com]
      subject: 'Look: \${{ notice.title }}'
    unset: { type: slack, url: '\${{ env.NOT_SET }}' }
    away: { type: slack, url: 'http://elsewhere.invalid/' }
    moved: { type: slack, url: '\${{ env.RECEIVER }}/moved' }
  routes:
    - { channels: [slack], kinds: [queue] }
    - { channels: [hook], kinds: [anomaly] }
    - { channels: [mail], kinds: [freshness] }
    - { channels: [unset], kinds: [timeliness] }
  repeat: 1h
`;

beforeAll(async () => {
  [receiver, mailbox] = await Promise.all([startReceiver(), startMailbox('me', 'pass-word')]);
  api = await startTestApi({
    files: { 'highwater.yaml': PROJECT },
    env: {
      SLACK_WEBHOOK_URL: `${receiver.url}/slack`,
      RECEIVER: receiver.url,
      HOOK_SECRET: SECRET,
      MAIL_SERVER: mailbox.url,
    },
  });
});
afterAll(async () => {
  await api.stop();
  await Promise.all([receiver.stop(), mailbox.stop()]);
});
beforeEach(() => {
  receiver.received.length = 0;
  receiver.react({ status: 200 });
});

const textsFor = (subject: string) =>
  receiver.received
    .map(({ text }) => (JSON.parse(text) as { text: string }).text)
    .filter((text) => text.includes(subject));

test('a notice that is raised arrives in Slack as Watcher writes it, and is on record', async () => {
  await raise(api.db, 'arrives');

  const notice = await untilNotice(api.url, 'arrives', ({ deliveries }) =>
    deliveries.every(({ state }) => state === 'delivered'),
  );

  expect(textsFor('arrives')).toEqual([
    `⚠️ *WARNING*\n*Celery Queue Alert*\n*Timestamp:* ${notice.first_raised_at.slice(0, 19).replace('T', ' ')} UTC\n` +
      '*Message:* arrives has 50 pending tasks\n\n*Details:*\n• *Total pending:* 50',
  ]);
  expect(notice).toMatchObject({ state: 'open', count: 1, untold: null, pipeline: null });
  expect(receiver.received[0]?.headers['webhook-id']).toBe(notice.deliveries[0]?.message_id);
});

test('a notice of a transaction that is rolled back reaches nobody', async () => {
  await expect(
    api.db.transaction().execute(async (tx) => {
      await raiseNotice(tx, queueNotice('undone'));
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  await raise(api.db, 'after the undone one');

  await untilNotice(api.url, 'after the undone one', ({ told_at }) => told_at !== null);

  const { body } = await api.get('/api/notices?limit=1000');
  const subjects = (body as unknown as NoticeBody).notices.map(({ subject }) => subject);
  expect(subjects).not.toContain('undone');
});

test('what is raised again is one notice, and its recovery goes where it was told', async () => {
  await raise(api.db, 'repeats');
  await raise(api.db, 'repeats', { message: 'repeats has 60 pending tasks' });
  await raise(api.db, 'repeats', { recovered: true, message: 'repeats is over', details: [] });
  await raise(api.db, 'repeats', { recovered: true, message: 'repeats is over twice' });

  const notice = await untilNotice(
    api.url,
    'repeats',
    (found) => brief(found).filter((text) => text.endsWith('delivered')).length === 2,
  );

  expect(brief(notice)).toEqual(['opened: slack delivered', 'recovered: slack delivered']);
  expect(notice).toMatchObject({ state: 'recovered', count: 2, untold: 'repeated' });
  expect(textsFor('repeats')[1]).toMatch(/^✅ \*SUCCESS\*\n.*\n.*\n\*Message:\* repeats is over$/);
});

test('what comes back after its recovery is a new notice', async () => {
  await raise(api.db, 'again');
  await raise(api.db, 'again', { recovered: true });
  await raise(api.db, 'again');

  const newest = await untilNotice(
    api.url,
    'again',
    ({ state, told_at }) => state === 'open' && told_at !== null,
  );

  expect(newest.count).toBe(1);
  await until(() => textsFor('again').length === 3);
});

test('a recovery of what nobody raised leaves no trace', async () => {
  await raise(api.db, 'never raised', { recovered: true });

  const rows = await api.db.selectFrom('raised_notice').select('id').execute();
  expect(rows).toEqual([]);
});

test('a webhook is signed, so that its receiver knows whom it is from', async () => {
  await raise(api.db, 'signed', { kind: 'anomaly' });
  const { headers, text } = await until(() => receiver.received[0]);

  const id = String(headers['webhook-id']);
  const timestamp = String(headers['webhook-timestamp']);
  const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${text}`).digest('base64');
  expect(headers['webhook-signature']).toBe(`v1,${expected}`);
  expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(60);
  expect(JSON.parse(text)).toMatchObject({
    type: 'notice.opened',
    data: { kind: 'anomaly', severity: 'warning', title: 'Celery Queue Alert', count: 1 },
  });
});

test('an e-mail goes to everyone whom the server takes it for, and the record names the others', async () => {
  const details = [{ key: 'Run', value: '7' }];
  await raise(api.db, 'mailed', { kind: 'freshness', executionId: 7, message: 'Größe', details });

  const notice = await untilNotice(
    api.url,
    'mailed',
    (found) => brief(found)[0]?.endsWith('delivered') === true,
  );

  const mail = mailbox.mails.find(({ source }) =>
    source.includes(notice.deliveries[0]?.message_id ?? '?'),
  );
  expect(mail).toMatchObject({ from: 'highwater@example.com', to: ['ops@example.com'] });
  expect(mail?.source).toMatch(/^Subject: Look: Celery Queue Alert$/m);
  expect(mail?.source.match(/^Run: 7/gm)).toHaveLength(1);
  expect(notice.deliveries[0]?.error).toBe('refused for nobody@example.com');
});

test('a receiver that fails is asked again with the same id until it takes the notice', async () => {
  let calls = 0;
  receiver.react(() => (++calls < 3 ? { status: 503 } : { status: 200 }));
  await raise(api.db, 'retried');

  const notice = await untilNotice(
    api.url,
    'retried',
    (found) => brief(found)[0] === 'opened: slack delivered',
  );

  expect(notice.deliveries[0]).toMatchObject({ attempts: 3, error: null, next_attempt_at: null });
  expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
});

test('a receiver that asks for time is left alone for so long', async () => {
  let calls = 0;
  receiver.react(() =>
    ++calls === 1 ? { status: 429, headers: { 'retry-after': '4' } } : { status: 200 },
  );
  await raise(api.db, 'patient');

  const waiting = await untilNotice(
    api.url,
    'patient',
    ({ deliveries }) => deliveries[0]?.error !== null && deliveries.length > 0,
  );
  expect(waiting.deliveries[0]?.error).toBe('the receiver answered 429');
  await until(() => receiver.received.length === 2);

  const [first, second] = receiver.received;
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(3_900);
});

test('a recovery waits for the notice that it ends', async () => {
  receiver.react({ status: 500 });
  await raise(api.db, 'in order');
  await untilNotice(api.url, 'in order', ({ deliveries }) => (deliveries[0]?.attempts ?? 0) > 0);
  await raise(api.db, 'in order', { recovered: true, message: 'in order is over' });
  await untilNotice(api.url, 'in order', ({ state }) => state === 'recovered');
  receiver.received.length = 0;
  receiver.react({ status: 200 });

  await until(() => receiver.received.length === 2);

  expect(textsFor('in order').map((text) => text.includes('is over'))).toEqual([false, true]);
});

test('a variable that is not set is the reason shown, and the notice waits for it', async () => {
  await raise(api.db, 'unset', { kind: 'timeliness' });

  const notice = await untilNotice(
    api.url,
    'unset',
    ({ deliveries }) => (deliveries[0]?.error ?? null) !== null,
  );

  expect(notice.deliveries[0]).toMatchObject({
    state: 'pending',
    error: '${{ env.NOT_SET }}: set the environment variable NOT_SET',
  });
});

test('after a day of failures a delivery is given up, with the last reason', async () => {
  receiver.react({ status: 404 });
  await raise(api.db, 'hopeless');
  const { deliveries } = await untilNotice(
    api.url,
    'hopeless',
    (found) => (found.deliveries[0]?.attempts ?? 0) > 0,
  );
  await api.db
    .updateTable('notice_delivery')
    .set({
      attempts: 50,
      created_at: new Date(Date.now() - 25 * 3_600_000),
      next_attempt_at: new Date(),
    })
    .where('message_id', '=', deliveries[0]?.message_id ?? '')
    .execute();

  const notice = await untilNotice(
    api.url,
    'hopeless',
    (found) => brief(found)[0] === 'opened: slack given_up',
  );

  expect(notice.deliveries[0]).toMatchObject({ attempts: 51, error: 'the receiver answered 404' });
});

test('a channel that does not answer holds up no other', async () => {
  receiver.react(({ path }) => (path === '/slack' ? 'silence' : { status: 200 }));
  for (let at = 0; at < 30; at += 1) await raise(api.db, `silent ${at}`);
  await until(() => receiver.received.length >= 4);
  await raise(api.db, 'quick', { kind: 'anomaly' });

  const notice = await untilNotice(
    api.url,
    'quick',
    (found) => brief(found)[0] === 'opened: hook delivered',
    8_000, // an attempt has 10 s
  );

  expect(notice.deliveries[0]?.attempts).toBe(1);
  expect(receiver.received.filter(({ path }) => path === '/slack')).toHaveLength(4);
});

test.each([
  ['hook', 200, true, null],
  ['unset', 200, false, /NOT_SET/],
  ['away', 200, false, /elsewhere\.invalid/],
  ['moved', 302, false, /answered 302, a redirect, which is not followed/],
])('a test of the channel %s says how it went', async (channel, status, delivered, error) => {
  receiver.react({ status, headers: { location: `${receiver.url}/other` } });

  const { status: answered, body } = await api.post('/api/notices/test', { channel });
  const result = body as unknown as NoticeBody;

  expect(answered).toBe(200);
  expect(result).toMatchObject({ channel, delivered });
  if (error === null) expect(result.error).toBeNull();
  else expect(result.error).toMatch(error);
  expect(receiver.received.map(({ path }) => path)).not.toContain('/other');
});

test('a test of a channel that is not there names those that are', async () => {
  const { status, body } = await api.post('/api/notices/test', { channel: 'pager' });

  expect([status, body.code]).toEqual([404, 'channel.not_found']);
  expect(body.detail).toBe(
    'There is no channel pager: known are slack, hook, mail, unset, away, moved',
  );
});
