import { Router, type Response } from 'express';
import { Fault } from '../../runtime/fault.ts';
import { PARTS, type Diagnostics, type DiagnosticsPart } from '../contract/diagnostics.ts';
import { NoQuery } from '../contract/query.ts';
import type { ApiDeps } from '../deps.ts';
import { diagnose, diagnosePart } from '../diagnostics/diagnose.ts';
import { only } from '../http/method.ts';
import { parse } from '../http/parse.ts';

export function diagnosticsRoutes(deps: ApiDeps): Router {
  const router = Router();
  router
    .route('/diagnostics')
    .get(async (request, response: Response<Diagnostics>) => {
      parse(NoQuery, request.query, 'query');
      response.json(await diagnose(deps));
    })
    .all(only('GET'));
  router
    .route('/diagnostics/:part')
    .get(async (request, response: Response<DiagnosticsPart>) => {
      parse(NoQuery, request.query, 'query');
      const part = PARTS.find((name) => name === request.params.part);
      if (!part) throw new Fault('record.not_found', `Parts are ${PARTS.join(', ')}`);
      response.json(await diagnosePart(deps, part));
    })
    .all(only('GET'));
  return router;
}
