import { Router } from 'express';
import { findExecution, listChildExecutions } from '../../../db/reports/executions.ts';
import type { ApiDeps } from '../../deps.ts';
import { only } from '../../http/method.ts';
import { INT8 } from '../fields.ts';
import { found, readId } from '../read.ts';
import { endExecution, NOT_FOUND, startExecution } from '../report.ts';

export function executionRoutes({ db, reports }: ApiDeps): Router {
  const router = Router();
  router
    .route('/start_pipeline_execution')
    .post(async (request, response) => {
      response.status(201).json(await startExecution(reports, request));
    })
    .all(only('POST'));
  router
    .route('/end_pipeline_execution')
    .post(async (request, response) => {
      await endExecution(reports, request);
      response.status(204).end();
    })
    .all(only('POST'));
  router
    .route('/pipeline_execution/:pipeline_execution_id')
    .get(async (request, response) => {
      const id = readId(request, 'pipeline_execution_id', NOT_FOUND, INT8);
      const execution = found(await findExecution(db, id), NOT_FOUND);
      const children = await listChildExecutions(db, id);
      response.json({
        ...execution,
        child_executions: children.map((child) => ({ ...child, child_executions: [] })),
      });
    })
    .all(only('GET'));
  return router;
}
