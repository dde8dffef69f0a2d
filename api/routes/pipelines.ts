import { Router, type Request, type Response } from 'express';
import { findOrigin } from '../../db/pipelines/defined-pipelines.ts';
import { getRun, listRuns } from '../../db/runs/runs.ts';
import { isClosed } from '../../plan/run-state.ts';
import { SOMEBODY } from '../contract/actor.ts';
import type { Pipeline, PipelineList } from '../contract/pipeline.ts';
import { NoQuery, WaitQuery } from '../contract/query.ts';
import { RunRequest, type Run } from '../contract/run.ts';
import type { ApiDeps } from '../deps.ts';
import { keyOf } from '../http/idempotency-key.ts';
import { only } from '../http/method.ts';
import { parse } from '../http/parse.ts';
import { toPipeline, toPipelineSummary } from '../pipelines/pipeline-view.ts';
import { jsonBody } from '../http/request-body.ts';
import { requestRun } from '../runs/request-run.ts';
import { untilGone } from '../http/until-gone.ts';
import { waitForRun } from '../runs/wait-for-run.ts';
import { loadRun } from './runs.ts';

export function pipelineRoutes(deps: ApiDeps): Router {
  const { catalog, db, links } = deps;
  const router = Router();
  router
    .route('/pipelines')
    .get((request, response: Response<PipelineList>) => {
      parse(NoQuery, request.query, 'query');
      response.json({ pipelines: catalog.list().map(toPipelineSummary) });
    })
    .all(only('GET'));
  router
    .route('/pipelines/:name')
    .get(async (request, response: Response<Pipeline>) => {
      parse(NoQuery, request.query, 'query');
      const entry = await catalog.get(request.params.name);
      const [[lastRun], origin] = await Promise.all([
        listRuns(db, { pipeline: entry.name, limit: 1 }),
        findOrigin(db, entry.name),
      ]);
      response.json(toPipeline(entry, lastRun, origin, links));
    })
    .all(only('GET'));
  router
    .route('/pipelines/:name/runs')
    .post(jsonBody, async (request: Request<{ name: string }>, response: Response<Run>) => {
      await startRun(deps, request, response);
    })
    .all(only('POST'));
  return router;
}

/** 200 with the ended run when `wait` saw its end, 202 otherwise. */
async function startRun(
  deps: ApiDeps,
  request: Request<{ name: string }>,
  response: Response<Run>,
) {
  const { wait = 0 } = parse(WaitQuery, request.query, 'query');
  const { actor = SOMEBODY, ...body } = parse(RunRequest, request.body, 'body');
  const cause = { trigger: 'api', startedBy: actor };
  const { name } = request.params;
  const { id, replayed } = await requestRun(deps, name, body, keyOf(request), cause);
  const signal = untilGone(response, deps.stopping);
  const run = await (wait > 0 ? waitForRun(deps, id, wait, signal) : getRun(deps.db, id));
  if (replayed) response.set('Idempotent-Replayed', 'true');
  response
    .status(isClosed(run.state) ? 200 : 202)
    .location(`/api/runs/${id}`)
    .json(await loadRun(deps, run));
}
