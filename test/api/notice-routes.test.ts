import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Notice, NoticePage } from '../../api/contract/notice.ts';
import type { Receiver } from '../support/receiver.ts';
import { raise, startNoticeApi, untilNotice } from './notice-world.ts';
import type { TestApi } from './test-api.ts';

let api: TestApi;
let receiver: Receiver;
let pipelineId: number;

beforeAll(async () => {
  ({ api, receiver, pipelineId } = await startNoticeApi('1ms'));
});
afterAll(async () => {
  await api.stop();
  await receiver.stop();
});

async function readPage(path: string): Promise<NoticePage> {
  return (await api.get(path)).body as unknown as NoticePage;
}

/** Raises it, and answers the notice when this raise has been dealt with. */
async function raised(subject: string, count: number, changes = {}): Promise<Notice> {
  await raise(api.db, subject, changes);
  return untilNotice(api.url, subject, (notice) => notice.count === count);
}

test('an acknowledged notice is not told again, and who did it stays on record', async () => {
  const { id } = await raised('ack', 1);
  const first = await api.post(`/api/notices/${id}/acknowledge`, { by: 'ada' });
  const second = await api.post(`/api/notices/${id}/acknowledge`, { by: 'bob' });
  const notice = await raised('ack', 2);

  expect([first.status, second.status]).toEqual([200, 200]);
  expect((second.body as unknown as Notice).acknowledged).toMatchObject({ by: 'ada' });
  expect(notice).toMatchObject({ state: 'acknowledged', untold: 'acknowledged' });
  expect(notice.deliveries).toHaveLength(1);

  await raise(api.db, 'ack', { recovered: true });
  const over = await untilNotice(api.url, 'ack', ({ state }) => state === 'recovered');
  const late = await api.post(`/api/notices/${id}/acknowledge`, { by: 'cy' });
  expect(over.deliveries.map(({ event }) => event)).toEqual(['opened', 'recovered']);
  expect([late.status, late.body.code]).toEqual([409, 'notice.recovered']);
});

test('a notice that nobody acknowledges is told again after the repeat time', async () => {
  await raised('again', 1);
  const notice = await raised('again', 2);

  expect(notice.deliveries.map(({ event }) => event)).toEqual(['opened', 'repeated']);
});

test('an execution that is reported as failed is told of, and so is the next one that succeeds', async () => {
  const about = { pipeline_type_name: 'reported', name: 'elsewhere' };
  const { id: pipeline_id } = (await api.post('/pipeline', about)).body;
  const report = async (completed_successfully: boolean) => {
    const { id } = (await api.post('/start_pipeline_execution', { pipeline_id })).body;
    const end_date = new Date(Date.now() + 1_000).toISOString();
    const path = `${api.url}/end_pipeline_execution`;
    const sent = { id, end_date, completed_successfully };
    const headers = { 'content-type': 'application/json' };
    await fetch(path, { method: 'POST', headers, body: JSON.stringify(sent) });
    return id;
  };
  const subject = `run_failed/${pipeline_id}`;

  const run = await report(false);
  const failed = await untilNotice(api.url, subject, ({ told_at }) => told_at !== null);
  await report(true);
  const over = await untilNotice(api.url, subject, ({ state }) => state === 'recovered');

  expect(failed).toMatchObject({
    kind: 'run_failed',
    severity: 'error',
    pipeline: 'elsewhere',
    run,
  });
  expect(failed.title).toBe('Pipeline elsewhere failed');
  expect(over.deliveries.map(({ event }) => event)).toEqual(['opened', 'recovered']);
});

test('pages of notices hold each once, and filters choose', async () => {
  for (let at = 0; at < 7; at += 1) {
    await raise(api.db, `paged ${at}`, { kind: 'anomaly', pipelineId });
  }
  await untilNotice(api.url, 'paged 6', () => true);
  const subjects: string[] = [];
  let next: string | null = '/api/notices?kind=anomaly&state=open&pipeline=numbers&limit=3';
  while (next !== null) {
    const page: NoticePage = await readPage(next);
    subjects.push(...page.notices.map(({ subject }) => subject));
    next = page.links.next;
  }

  expect(subjects).toEqual([6, 5, 4, 3, 2, 1, 0].map((at) => `paged ${at}`));
  expect((await readPage('/api/notices?kind=anomaly&state=recovered')).notices).toEqual([]);
  expect((await readPage('/api/notices?pipeline=nobody')).notices).toEqual([]);
});

test.each([
  ['GET', '/api/notices/0', 404, 'notice.not_found'],
  ['GET', '/api/notices/999999', 404, 'notice.not_found'],
  ['GET', '/api/notices?state=broken', 400, 'request.invalid'],
  ['GET', '/api/notices?what=else', 400, 'request.invalid'],
  ['GET', '/api/notices?cursor=x', 400, 'request.invalid'],
  ['DELETE', '/api/notices/1', 405, 'route.method_not_allowed'],
  ['DELETE', '/api/mutes/999999?by=me', 404, 'mute.not_found'],
  ['DELETE', '/api/mutes/1', 400, 'request.invalid'],
  ['DELETE', '/api/mutes/1?by=%00', 400, 'request.invalid'],
  ['GET', '/api/notices?pipeline=%00', 400, 'request.invalid'],
])('%s %s answers %i %s', async (method, path, status, code) => {
  const response = await fetch(api.url + path, { method });

  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ code });
});

test.each([
  ['/api/notices/999999/acknowledge', { by: 'me' }, 404, 'notice.not_found'],
  ['/api/notices/1/acknowledge', {}, 400, 'request.invalid'],
  ['/api/notices/1/acknowledge', { by: ' ' }, 400, 'request.invalid'],
  ['/api/notices/1/acknowledge', { by: 'a\0' }, 400, 'request.invalid'],
  ['/api/mutes', { pipeline: 'nobody', by: 'me' }, 404, 'pipeline.not_found'],
  ['/api/mutes', { until: '2001-01-01T00:00:00Z', by: 'me' }, 400, 'request.invalid'],
  ['/api/mutes', { until: 'tomorrow', by: 'me' }, 400, 'request.invalid'],
  ['/api/mutes', { kind: 'all', by: 'me' }, 400, 'request.invalid'],
  ['/api/notices/test', {}, 400, 'request.invalid'],
])('POST %s of %j answers %i %s', async (path, sent, status, code) => {
  const { status: answered, body } = await api.post(path, sent);

  expect([answered, body.code]).toEqual([status, code]);
});
