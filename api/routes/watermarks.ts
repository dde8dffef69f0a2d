import { Router, type Request, type Response } from 'express';
import {
  findWatermark,
  listWatermarkChanges,
  type WatermarkChange as ChangeRecord,
  type WatermarkRecord,
} from '../../db/watermarks/watermark-history.ts';
import { NoQuery } from '../contract/query.ts';
import {
  WatermarkHistoryQuery,
  WatermarkRequest,
  type Watermark,
  type WatermarkChange,
  type WatermarkHistory,
  type WatermarkSetting,
} from '../contract/watermark.ts';
import { fromCursor, toCursor } from '../http/cursor.ts';
import type { ApiDeps } from '../deps.ts';
import { only } from '../http/method.ts';
import { parse } from '../http/parse.ts';
import { jsonBody } from '../http/request-body.ts';
import { chooseWatermark } from '../pipelines/set-watermark.ts';

const PAGE = 50;
const PATH = '/pipelines/:name/watermark';

type Named = Request<{ name: string }>;

export function watermarkRoutes(deps: ApiDeps): Router {
  const { db } = deps;
  const router = Router();
  router
    .route(PATH)
    .get(async (request, response: Response<Watermark>) => {
      parse(NoQuery, request.query, 'query');
      const { name } = request.params;
      response.json(toWatermark(name, await getWatermark(deps, name)));
    })
    .put(jsonBody, async (request: Named, response: Response<WatermarkSetting>) => {
      parse(NoQuery, request.query, 'query');
      const asked = parse(WatermarkRequest, request.body, 'body');
      const { name } = request.params;
      response.json(await chooseWatermark(db, name, await getWatermark(deps, name), asked));
    })
    .all(only('GET', 'PUT'));
  router
    .route(`${PATH}/history`)
    .get(async (request, response: Response<WatermarkHistory>) => {
      const { cursor, limit = PAGE } = parse(WatermarkHistoryQuery, request.query, 'query');
      const { name } = request.params;
      const { pipelineId } = await getWatermark(deps, name);
      const before = cursor === undefined ? undefined : fromCursor(cursor);
      const found = await listWatermarkChanges(db, pipelineId, { before, limit: limit + 1 });
      const changes = found.slice(0, limit);
      const last = found.length > limit ? changes.at(-1) : undefined;
      response.json({
        pipeline: name,
        changes: changes.map(toChange),
        cursor: last ? toCursor(last.id) : null,
      });
    })
    .all(only('GET'));
  return router;
}

/** Of any pipeline that runs, wherever it runs. Fails with `pipeline.not_found`. */
async function getWatermark({ db, catalog }: ApiDeps, name: string): Promise<WatermarkRecord> {
  const found = await findWatermark(db, name);
  if (found) return found;
  await catalog.getCurrent(name);
  const registered = await findWatermark(db, name);
  if (!registered) throw new Error(`Pipeline ${name} was not registered`);
  return registered;
}

function toWatermark(
  pipeline: string,
  { value, type, next, openRuns }: WatermarkRecord,
): Watermark {
  const self = `/api/pipelines/${encodeURIComponent(pipeline)}/watermark`;
  return {
    pipeline,
    value,
    type,
    next_watermark: next,
    open_runs: [...openRuns],
    links: { self, history: `${self}/history` },
  };
}

function toChange(change: ChangeRecord): WatermarkChange {
  const { changed_at, from_value: from, to_value: to, execution_id: run, ...rest } = change;
  return { ...rest, changed_at: changed_at.toISOString(), from, to, run };
}
