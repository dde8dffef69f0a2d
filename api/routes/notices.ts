import { Router, type Request, type Response } from 'express';
import {
  acknowledgeNotice,
  getNotice,
  listDeliveries,
  listNotices,
} from '../../db/notices/records.ts';
import { Fault } from '../../runtime/fault.ts';
import {
  Acknowledgement,
  NoticesQuery,
  NoticeTest,
  type Notice,
  type NoticePage,
  type NoticeTestResult,
} from '../contract/notice.ts';
import { NoQuery } from '../contract/query.ts';
import { fromCursor, toCursor } from '../http/cursor.ts';
import type { ApiDeps } from '../deps.ts';
import { only } from '../http/method.ts';
import { toNotice, toNoticeSummary } from '../notices/notice-view.ts';
import { nextPage } from '../http/next-page.ts';
import { parse, parseId } from '../http/parse.ts';
import { jsonBody } from '../http/request-body.ts';

const PAGE = 50;

export function noticeRoutes(deps: ApiDeps): Router {
  const router = Router();
  router
    .route('/notices')
    .get(async (request, response: Response<NoticePage>) => {
      response.json(await listPage(deps, request));
    })
    .all(only('GET'));
  router
    .route('/notices/test')
    .post(jsonBody, async (request: Request, response: Response<NoticeTestResult>) => {
      parse(NoQuery, request.query, 'query');
      const { channel } = parse(NoticeTest, request.body, 'body');
      response.json(await test(deps, channel));
    })
    .all(only('POST'));
  router
    .route('/notices/:id')
    .get(async (request, response: Response<Notice>) => {
      parse(NoQuery, request.query, 'query');
      response.json(await load(deps, parseId(request.params.id, 'notice')));
    })
    .all(only('GET'));
  router
    .route('/notices/:id/acknowledge')
    .post(jsonBody, async (request: Request<{ id: string }>, response: Response<Notice>) => {
      parse(NoQuery, request.query, 'query');
      const id = parseId(request.params.id, 'notice');
      const { by } = parse(Acknowledgement, request.body, 'body');
      response.json(await acknowledge(deps, id, by));
    })
    .all(only('POST'));
  return router;
}

async function load({ db }: ApiDeps, id: number): Promise<Notice> {
  return toNotice(await getNotice(db, id), await listDeliveries(db, id));
}

async function acknowledge(deps: ApiDeps, id: number, by: string): Promise<Notice> {
  const done = await acknowledgeNotice(deps.db, id, by);
  const notice = await load(deps, id);
  if (!done) throw new Fault('notice.recovered', `Notice ${id} is over already`);
  return notice;
}

async function test({ notifier }: ApiDeps, channel: string): Promise<NoticeTestResult> {
  const began = Date.now();
  const sent = await notifier.test(channel);
  const error = sent.ok ? sent.note : sent.error;
  return { channel, delivered: sent.ok, error, duration_ms: Date.now() - began };
}

async function listPage({ db }: ApiDeps, request: Request): Promise<NoticePage> {
  const query = parse(NoticesQuery, request.query, 'query');
  const { cursor, limit = PAGE, pipeline, state, kind } = query;
  const before = cursor === undefined ? undefined : fromCursor(cursor);
  const filter = { states: state, kinds: kind, pipeline, before, limit: limit + 1 };
  const found = await listNotices(db, filter);
  const notices = found.slice(0, limit);
  const last = found.length > limit ? notices.at(-1) : undefined;
  const next = last ? toCursor(last.id) : null;
  return {
    notices: notices.map(toNoticeSummary),
    cursor: next,
    links: { next: next === null ? null : nextPage(request, next) },
  };
}
