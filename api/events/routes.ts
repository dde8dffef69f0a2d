import { Router, type Request, type Response } from 'express';
import { listEvents } from '../../db/events/event-records.ts';
import {
  EventsQuery,
  ReplayRequest,
  type Event,
  type EventPage,
  type EventReceipt,
  type EventReceipts,
} from '../contract/event.ts';
import { NoQuery } from '../contract/query.ts';
import { fromCursor, toCursor } from '../http/cursor.ts';
import type { ApiDeps } from '../deps.ts';
import { only } from '../http/method.ts';
import { nextPage } from '../http/next-page.ts';
import { parse, parseId } from '../http/parse.ts';
import { rawBody } from '../http/raw-body.ts';
import { jsonBody } from '../http/request-body.ts';
import { toEventSummary } from './event-view.ts';
import { loadEvent } from './load-event.ts';
import { replayEvent } from './replay-event.ts';
import { takeEvents } from './take-events.ts';

const PAGE = 50;

export function eventRoutes(deps: ApiDeps): Router {
  const router = Router();
  router
    .route('/events')
    .get(async (request, response: Response<EventPage>) => {
      response.json(await listPage(deps, request));
    })
    .post(rawBody, async (request: Request, response: Response<EventReceipt | EventReceipts>) => {
      parse(NoQuery, request.query, 'query');
      const sent = { headers: request.headers, body: request.body as Buffer };
      const { status, location, body } = await takeEvents(deps.receiveEvents, sent);
      if (location !== undefined) response.location(location);
      response.status(status).json(body);
    })
    .all(only('GET', 'POST'));
  router
    .route('/events/:id')
    .get(async (request, response: Response<Event>) => {
      parse(NoQuery, request.query, 'query');
      const id = parseId(request.params.id, 'event');
      response.json(await loadEvent(deps.db, id));
    })
    .all(only('GET'));
  router
    .route('/events/:id/replay')
    .post(jsonBody, async (request: Request<{ id: string }>, response: Response<Event>) => {
      parse(NoQuery, request.query, 'query');
      const id = parseId(request.params.id, 'event');
      const body = parse(ReplayRequest, request.body, 'body');
      response.status(202).json(await replayEvent(deps, id, body));
    })
    .all(only('POST'));
  return router;
}

async function listPage({ db }: ApiDeps, request: Request): Promise<EventPage> {
  const { cursor, limit = PAGE, ...filter } = parse(EventsQuery, request.query, 'query');
  const before = cursor === undefined ? undefined : fromCursor(cursor);
  const found = await listEvents(db, { ...filter, before, limit: limit + 1 });
  const events = found.slice(0, limit);
  const last = found.length > limit ? events.at(-1) : undefined;
  const next = last ? toCursor(last.id) : null;
  return {
    events: events.map(toEventSummary),
    cursor: next,
    links: { next: next === null ? null : nextPage(request, next) },
  };
}
