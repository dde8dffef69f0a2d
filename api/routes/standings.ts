import { Router, type Request, type Response } from 'express';
import { loadFreshness, loadTimeliness, type BoardEntry } from '../../db/standings/boards.ts';
import { listLateRuns } from '../../db/runs/late-runs.ts';
import { listHistory } from '../../db/standings/standings.ts';
import { FRESHNESS_STATES } from '../../metadata/freshness.ts';
import type { Standing } from '../../metadata/standing.ts';
import { TIMELINESS_STATES } from '../../metadata/timeliness.ts';
import { Fault } from '../../runtime/fault.ts';
import { NoQuery } from '../contract/query.ts';
import {
  FreshnessQuery,
  TimelinessQuery,
  type FreshnessBoard,
  type FreshnessHistory,
  type TimelinessBoard,
  type TimelinessHistory,
} from '../contract/standing.ts';
import { arrange } from '../standings/arrange-board.ts';
import type { ApiDeps } from '../deps.ts';
import { only } from '../http/method.ts';
import { parse } from '../http/parse.ts';
import { toFreshness, toHistory, toLateRuns, toTimeliness } from '../standings/standing-view.ts';

const HISTORY = 100;

/**
 * Whether data are new and runs end in time: judged when it is asked for, whether or not a worker is
 * alive.
 */
export function standingRoutes({ db }: ApiDeps): Router {
  const router = Router();
  router
    .route('/freshness')
    .get(async (request, response: Response<FreshnessBoard>) => {
      const query = parse(FreshnessQuery, request.query, 'query');
      const found = await loadFreshness(db, query);
      const { entries, ...page } = arrange(found, FRESHNESS_STATES, query, request);
      response.json({ ...page, pipelines: entries.map(toFreshness) });
    })
    .all(only('GET'));
  router
    .route('/timeliness')
    .get(async (request, response: Response<TimelinessBoard>) => {
      const query = parse(TimelinessQuery, request.query, 'query');
      const found = await loadTimeliness(db, query);
      const { entries, ...page } = arrange(found, TIMELINESS_STATES, query, request);
      response.json({ ...page, pipelines: entries.map(toTimeliness) });
    })
    .all(only('GET'));
  router
    .route('/freshness/:name')
    .get(async (request, response: Response<FreshnessHistory>) => {
      const name = nameIn(request);
      const entry = known(await loadFreshness(db, { pipeline: name }), name);
      const history = await listHistory(db, 'freshness', entry.pipeline.id, HISTORY);
      response.json({ ...toFreshness(entry), history: toHistory(history) });
    })
    .all(only('GET'));
  router
    .route('/timeliness/:name')
    .get(async (request, response: Response<TimelinessHistory>) => {
      const name = nameIn(request);
      const entry = known(await loadTimeliness(db, { pipeline: name }), name);
      const [history, lateRuns] = await Promise.all([
        listHistory(db, 'timeliness', entry.pipeline.id, HISTORY),
        listLateRuns(db, entry.pipeline.id, HISTORY),
      ]);
      response.json({
        ...toTimeliness(entry),
        history: toHistory(history),
        late_runs: toLateRuns(lateRuns),
      });
    })
    .all(only('GET'));
  return router;
}

function nameIn(request: Request<{ name: string }>): string {
  parse(NoQuery, request.query, 'query');
  return request.params.name;
}

function known<Entry extends BoardEntry<Standing<string, string>>>(
  [entry]: readonly Entry[],
  name: string,
): Entry {
  if (entry) return entry;
  throw new Fault('pipeline.not_found', `There is no pipeline ${name}`);
}
