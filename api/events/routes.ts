import { Router, type Request, type Response } from 'express';
import { listEvents } from '../../db/events/event-records.ts';
import type { JsonObject } from '../../runtime/json.ts';
import {
  EventsQuery,
  ReplayRequest,
  type CloudEvent,
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
import { readEvents } from './read-events.ts';
import { replayEvent } from './replay-event.ts';

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
      await receive(deps, request, response);
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

/** 202 as soon as they are stored; 200 when all of them were here before. */
async function receive(
  { receiveEvents }: ApiDeps,
  request: Request,
  response: Response<EventReceipt | EventReceipts>,
): Promise<void> {
  const { events, batched } = readEvents({
    headers: request.headers,
    body: request.body as Buffer,
  });
  const stored = await receiveEvents(events.map(toNewEvent));
  const receipts = events.map(({ id: event_id, source }, at): EventReceipt => {
    const { id, isNew } = stored[at] ?? { id: 0, isNew: false };
    return { id, source, event_id, duplicate: !isNew };
  });
  response.status(receipts.every(({ duplicate }) => duplicate) ? 200 : 202);
  const [first] = receipts;
  if (batched || !first) response.json({ events: receipts });
  else response.location(`/api/events/${first.id}`).json(first);
}

function toNewEvent(event: CloudEvent) {
  const { id: eventId, source, type } = event;
  return { eventId, source, type, body: event as unknown as JsonObject };
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
