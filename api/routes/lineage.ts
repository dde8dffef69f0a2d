import { Router, type Response } from 'express';
import { LineageQuery, type Impact } from '../contract/lineage.ts';
import type { ApiDeps } from '../deps.ts';
import { toImpact, writeLineage } from '../lineage/lineage-view.ts';
import { loadNeighbourhood } from '../lineage/load-lineage.ts';
import { only } from '../http/method.ts';
import { parse } from '../http/parse.ts';

export function lineageRoutes({ db }: ApiDeps): Router {
  const router = Router();
  for (const direction of ['upstream', 'downstream'] as const) {
    router
      .route(`/lineage/${direction}`)
      .get(async (request, response) => {
        const query = parse(LineageQuery, request.query, 'query');
        const json = writeLineage(await loadNeighbourhood(db, query, direction));
        response.setHeader('Content-Type', 'application/json; charset=utf-8');
        response.setHeader('Content-Length', json.length).end(json);
      })
      .all(only('GET'));
  }
  router
    .route('/lineage/impact')
    .get(async (request, response: Response<Impact>) => {
      const query = parse(LineageQuery, request.query, 'query');
      response.json(toImpact(await loadNeighbourhood(db, query, 'downstream')));
    })
    .all(only('GET'));
  return router;
}
