import { Router, type Request, type Response } from 'express';
import { getBackfill, listBackfills, listIntervals } from '../../db/backfills/backfills.ts';
import { listBackfillChanges } from '../../db/backfills/changes.ts';
import { SOMEBODY } from '../contract/actor.ts';
import {
  BackfillQuery,
  BackfillRequest,
  BackfillSettings,
  BackfillSteering,
  BackfillsQuery,
  IntervalsQuery,
  type Backfill,
  type BackfillPage,
  type BackfillPlan,
  type IntervalPage,
} from '../contract/backfill.ts';
import { NoQuery } from '../contract/query.ts';
import { fromCursor, toCursor } from '../http/cursor.ts';
import type { ApiDeps } from '../deps.ts';
import { only } from '../http/method.ts';
import { nextPage } from '../http/next-page.ts';
import { parse, parseId } from '../http/parse.ts';
import { jsonBody } from '../http/request-body.ts';
import { untilGone } from '../http/until-gone.ts';
import { describePlan, planBackfill } from './plan-backfill.ts';
import { commitBackfill } from './start-backfill.ts';
import { changeMaxParallel, retryBackfill, steerBackfill } from './steer-backfill.ts';
import { toBackfill, toBackfillSummary, toInterval } from './view.ts';
import { untilEnded, untilSeen } from './wait-for-backfill.ts';

const PAGE = 50;
const INTERVALS = 100;
const CHANGES = 100;

type Identified = Request<{ id: string }>;

export function backfillRoutes(deps: ApiDeps): Router {
  const router = Router();
  router
    .route('/backfills')
    .get(async (request, response: Response<BackfillPage>) => {
      response.json(await listPage(deps, request));
    })
    .post(jsonBody, async (request: Request, response: Response<Backfill | BackfillPlan>) => {
      parse(NoQuery, request.query, 'query');
      const asked = parse(BackfillRequest, request.body, 'body');
      const planned = await planBackfill(deps, asked);
      if (asked.dry_run) {
        response.json(await describePlan(deps, planned));
        return;
      }
      const id = await commitBackfill(deps.db, planned, asked.actor ?? SOMEBODY);
      response.status(202).json(await tell(deps, id));
    })
    .all(only('GET', 'POST'));
  router
    .route('/backfills/:id')
    .get(async (request, response: Response<Backfill>) => {
      const { wait = 0 } = parse(BackfillQuery, request.query, 'query');
      const id = parseId(request.params.id, 'backfill');
      await untilEnded(deps.db, id, wait, untilGone(response, deps.stopping));
      response.json(await load(deps, id));
    })
    .patch(jsonBody, async (request: Identified, response: Response<Backfill>) => {
      const id = idOf(request);
      const { max_parallel, actor = SOMEBODY } = parse(BackfillSettings, request.body, 'body');
      await changeMaxParallel(deps, id, max_parallel, actor);
      response.json(await tell(deps, id));
    })
    .all(only('GET', 'PATCH'));
  router
    .route('/backfills/:id/intervals')
    .get(async (request, response: Response<IntervalPage>) => {
      response.json(await listIntervalPage(deps, request));
    })
    .all(only('GET'));
  steering(router, deps, 'pause', (id, actor) => steerBackfill(deps, id, 'paused', actor));
  steering(router, deps, 'resume', (id, actor) => steerBackfill(deps, id, 'resumed', actor));
  steering(router, deps, 'cancel', (id, actor) => steerBackfill(deps, id, 'cancelled', actor));
  steering(router, deps, 'retry', (id, actor) => retryBackfill(deps, id, actor));
  return router;
}

function steering(
  router: Router,
  deps: ApiDeps,
  verb: string,
  act: (id: number, actor: string) => Promise<void>,
): void {
  router
    .route(`/backfills/:id/${verb}`)
    .post(jsonBody, async (request: Identified, response: Response<Backfill>) => {
      const id = idOf(request);
      const { actor = SOMEBODY } = parse(BackfillSteering, request.body, 'body');
      await act(id, actor);
      response.status(202).json(await tell(deps, id));
    })
    .all(only('POST'));
}

function idOf(request: Identified): number {
  parse(NoQuery, request.query, 'query');
  return parseId(request.params.id, 'backfill');
}

/** Lets the workflow look, and answers when it has: what somebody changed holds from then on. */
async function tell(deps: ApiDeps, id: number): Promise<Backfill> {
  await deps.backfillKeeper.wake(await getBackfill(deps.db, id));
  await untilSeen(deps.db, id, deps.stopping);
  return load(deps, id);
}

async function load({ db, links }: ApiDeps, id: number): Promise<Backfill> {
  const backfill = await getBackfill(db, id);
  return toBackfill(backfill, await listBackfillChanges(db, id, CHANGES), links);
}

async function listPage({ db, links }: ApiDeps, request: Request): Promise<BackfillPage> {
  const asked = parse(BackfillsQuery, request.query, 'query');
  const { cursor, limit = PAGE, pipeline, state: states } = asked;
  const before = cursor === undefined ? undefined : fromCursor(cursor);
  const found = await listBackfills(db, { pipeline, states, before, limit: limit + 1 });
  const backfills = found.slice(0, limit);
  const last = found.length > limit ? backfills.at(-1) : undefined;
  return {
    backfills: backfills.map((backfill) => toBackfillSummary(backfill, links)),
    ...pageAfter(request, last?.id),
  };
}

async function listIntervalPage({ db }: ApiDeps, request: Identified): Promise<IntervalPage> {
  const { cursor, limit = INTERVALS, state } = parse(IntervalsQuery, request.query, 'query');
  const { id } = await getBackfill(db, parseId(request.params.id, 'backfill'));
  const after = cursor === undefined ? 0 : fromCursor(cursor);
  const found = await listIntervals(db, id, { states: state, after, limit: limit + 1 });
  const intervals = found.slice(0, limit);
  const last = found.length > limit ? intervals.at(-1) : undefined;
  return { intervals: intervals.map(toInterval), ...pageAfter(request, last?.nr) };
}

function pageAfter(request: Request, last: number | undefined) {
  const cursor = last === undefined ? null : toCursor(last);
  return { cursor, links: { next: cursor === null ? null : nextPage(request, cursor) } };
}
