import { Router, type Request, type Response } from 'express';
import { listAttempts } from '../../db/runs/run-blocks.ts';
import { listPoolReasons } from '../../db/limits/reasons.ts';
import { getRun, listChildren, listRuns, type RunRecord } from '../../db/runs/runs.ts';
import { findRefusal } from '../../db/watermarks/watermark-history.ts';
import { cancelRun } from '../runs/cancel-run.ts';
import { SOMEBODY } from '../contract/actor.ts';
import { NoQuery, WaitQuery } from '../contract/query.ts';
import { CancelRequest, RunsQuery, type Run, type RunPage } from '../contract/run.ts';
import { fromCursor, toCursor } from '../http/cursor.ts';
import type { ApiDeps } from '../deps.ts';
import { only } from '../http/method.ts';
import { nextPage } from '../http/next-page.ts';
import { parse, parseRunId } from '../http/parse.ts';
import { jsonBody } from '../http/request-body.ts';
import { toRun, toSummary } from '../runs/run-view.ts';
import { untilGone } from '../http/until-gone.ts';
import { reasonInside, withInnerReasons, withReasons } from '../limits/with-reasons.ts';
import { waitForRun } from '../runs/wait-for-run.ts';

const PAGE = 50;

export function runRoutes(deps: ApiDeps): Router {
  const router = Router();
  router
    .route('/runs')
    .get(async (request, response: Response<RunPage>) => {
      response.json(await listPage(deps, request));
    })
    .all(only('GET'));
  router
    .route('/runs/:id')
    .get(async (request, response: Response<Run>) => {
      const id = parseRunId(request.params.id);
      const { wait } = parse(WaitQuery, request.query, 'query');
      const signal = untilGone(response, deps.stopping);
      const run = await (wait === undefined
        ? getRun(deps.db, id)
        : waitForRun(deps, id, wait, signal));
      response.json(await loadRun(deps, run));
    })
    .all(only('GET'));
  router
    .route('/runs/:id/cancel')
    .post(jsonBody, async (request: Request<{ id: string }>, response: Response<Run>) => {
      parse(NoQuery, request.query, 'query');
      const { actor = SOMEBODY } = parse(CancelRequest, request.body, 'body');
      const run = await getRun(deps.db, parseRunId(request.params.id));
      response.status(202).json(await loadRun(deps, await cancelRun(deps, run, actor)));
    })
    .all(only('POST'));
  return router;
}

/** A run with its blocks and the runs of its sub-pipelines. */
export async function loadRun(deps: ApiDeps, run: RunRecord): Promise<Run> {
  const { db, links, blocksOf } = deps;
  const hasBegun = run.state !== 'queued';
  const [[told = run], planned, attempts, children, waits, watermarkKept] = await Promise.all([
    withReasons(db, [run]),
    run.plan === null ? [] : blocksOf(run.plan),
    hasBegun ? listAttempts(db, run.id) : [],
    hasBegun ? listChildren(db, run.id) : [],
    run.state === 'running' ? listPoolReasons(db, [run.id]) : [],
    run.workflow_id !== null && run.next_watermark !== null ? findRefusal(db, run.id) : undefined,
  ]);
  const shown = { ...told, reason: reasonInside(told, attempts, waits) };
  return toRun({ run: shown, planned, attempts, children, waits, watermarkKept }, links);
}

async function listPage({ db, links }: ApiDeps, request: Request): Promise<RunPage> {
  const {
    cursor,
    limit = PAGE,
    pipeline,
    state,
    backfill,
  } = parse(RunsQuery, request.query, 'query');
  const before = cursor === undefined ? undefined : fromCursor(cursor);
  const found = await listRuns(db, { pipeline, backfill, states: state, before, limit: limit + 1 });
  const runs = found.slice(0, limit);
  const last = found.length > limit ? runs.at(-1) : undefined;
  const next = last ? toCursor(last.id) : null;
  return {
    runs: (await withInnerReasons(db, runs)).map((run) => toSummary(run, links)),
    cursor: next,
    links: { next: next === null ? null : nextPage(request, next) },
  };
}
