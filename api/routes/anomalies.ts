import { Router, type Request, type Response } from 'express';
import { listAnomalies, type AnomalyRecord } from '../../db/anomalies/anomalies.ts';
import { unflagRun } from '../../db/anomalies/unflag-run.ts';
import { Fault } from '../../runtime/fault.ts';
import { AnomaliesQuery, Unflagging } from '../contract/anomaly.ts';
import type { Anomaly, AnomalyPage, Unflagged } from '../contract/anomaly.ts';
import { NoQuery } from '../contract/query.ts';
import { fromCursor, toCursor } from '../http/cursor.ts';
import type { ApiDeps } from '../deps.ts';
import { only } from '../http/method.ts';
import { nextPage } from '../http/next-page.ts';
import { parse, parseRunId } from '../http/parse.ts';
import { jsonBody } from '../http/request-body.ts';

const PAGE = 50;

export function anomalyRoutes(deps: ApiDeps): Router {
  const router = Router();
  router
    .route('/anomalies')
    .get(async (request, response: Response<AnomalyPage>) => {
      response.json(await listPage(deps, request));
    })
    .all(only('GET'));
  router
    .route('/runs/:id/unflag')
    .post(jsonBody, async (request: Request<{ id: string }>, response: Response<Unflagged>) => {
      parse(NoQuery, request.query, 'query');
      response.json(await unflag(deps, parseRunId(request.params.id), request.body));
    })
    .all(only('POST'));
  return router;
}

async function unflag({ db }: ApiDeps, id: number, body: unknown): Promise<Unflagged> {
  const { metrics } = parse(Unflagging, body, 'body');
  const { outcome, flags } = await unflagRun(db, { executionId: id, metrics });
  switch (outcome) {
    case 'unflagged':
      return { run: id, flags };
    case 'unknown_run':
      throw new Fault('run.not_found', `No run ${id}`);
    case 'never_flagged':
    case 'not_flagged':
      throw new Fault('run.not_flagged', `Run ${id} is not flagged for ${metrics.join(', ')}`);
  }
}

async function listPage({ db }: ApiDeps, request: Request): Promise<AnomalyPage> {
  const query = parse(AnomaliesQuery, request.query, 'query');
  const { cursor, limit = PAGE, run, since, ...filter } = query;
  const found = await listAnomalies(db, {
    ...filter,
    executionId: run,
    since: since === undefined ? undefined : new Date(since),
    before: cursor === undefined ? undefined : fromCursor(cursor),
    limit: limit + 1,
  });
  const anomalies = found.slice(0, limit);
  const last = found.length > limit ? anomalies.at(-1) : undefined;
  const next = last ? toCursor(last.id) : null;
  return {
    anomalies: anomalies.map(toAnomaly),
    cursor: next,
    links: { next: next === null ? null : nextPage(request, next) },
  };
}

function toAnomaly(record: AnomalyRecord): Anomaly {
  const { id, pipeline, executionId, metric, value, recoveredAt, recoveredBy } = record;
  const { baseline, method, centre, deviation, runs } = record;
  return {
    ...{ id, pipeline, run: executionId, metric, value },
    state: recoveredAt === null ? 'open' : 'recovered',
    range: { min: record.min, max: record.max },
    z_score: record.zScore,
    z_threshold: record.zThreshold,
    baseline: { of: baseline, method, centre, deviation, runs },
    detected_at: record.detectedAt.toISOString(),
    recovered_at: recoveredAt?.toISOString() ?? null,
    recovered_by: recoveredBy,
    links: { run: `/api/runs/${executionId}` },
  };
}
