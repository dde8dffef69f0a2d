import type {
  Mute,
  MuteList,
  Notice,
  NoticePage,
  NoticeTestResult,
} from '../../api/contract/notice.ts';
import type { Db } from '../../db/database.ts';
import { raiseNotice, type RaisedNotice } from '../../db/notices/notices.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';
import { startTestApi, type TestApi } from './test-api.ts';

/** What any answer about notices may hold. */
export type NoticeBody = Notice & NoticePage & Mute & MuteList & NoticeTestResult;

export interface NoticeApi {
  readonly api: TestApi;
  /** Stands for Slack. */
  readonly receiver: Receiver;
  /** Of `numbers`. */
  readonly pipelineId: number;
}

/** An API that tells Slack alone, and the same again after such a time. */
export async function startNoticeApi(repeat: string): Promise<NoticeApi> {
  const receiver = await startReceiver();
  const api = await startTestApi({
    files: { 'highwater.yaml': `name: sample\nnotices: { repeat: ${repeat} }\n` },
    env: { SLACK_WEBHOOK_URL: receiver.url },
  });
  const pipelineId = await until(async () => {
    const found = api.db.selectFrom('pipeline').select('id').where('name', '=', 'numbers');
    return (await found.executeTakeFirst())?.id;
  });
  return { api, receiver, pipelineId };
}

export function queueNotice(subject: string, changes: Partial<RaisedNotice> = {}): RaisedNotice {
  return {
    kind: 'queue',
    severity: 'warning',
    pipelineId: null,
    executionId: null,
    subject,
    recovered: false,
    title: 'Celery Queue Alert',
    message: `${subject} has 50 pending tasks`,
    details: [{ key: 'Total pending', value: '50' }],
    ...changes,
  };
}

export async function raise(
  db: Db,
  subject: string,
  changes: Partial<RaisedNotice> = {},
): Promise<void> {
  await db.transaction().execute((tx) => raiseNotice(tx, queueNotice(subject, changes)));
}

/** The newest notice with this subject, as soon as `isSo` holds. */
export async function untilNotice(
  url: string,
  subject: string,
  isSo: (notice: Notice) => boolean,
  ms?: number,
): Promise<Notice> {
  return until(async () => {
    const page = (await (await fetch(`${url}/api/notices?limit=1000`)).json()) as NoticePage;
    const found = page.notices.find((notice) => notice.subject === subject);
    if (!found) return undefined;
    const notice = (await (await fetch(`${url}${found.links.self}`)).json()) as Notice;
    return isSo(notice) ? notice : undefined;
  }, ms);
}

/** `opened: slack delivered`, one for each delivery. */
export function brief({ deliveries }: Notice): string[] {
  return deliveries.map(({ event, channel, state }) => `${event}: ${channel} ${state}`);
}
