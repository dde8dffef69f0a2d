import { Router } from 'express';
import { findExecution, listChildExecutions } from '../../../db/executions.ts';
import type { EndAnswer } from '../../../db/report-end.ts';
import { Fault } from '../../../runtime/fault.ts';
import type { ApiDeps } from '../../deps.ts';
import { only } from '../../method.ts';
import { ExecutionEnd, ExecutionStart } from '../contract/execution.ts';
import { INT8 } from '../fields.ts';
import { found, readBody, readId } from '../read.ts';

const NOT_FOUND = 'Pipeline execution not found';
const UNKNOWN = { pipeline: 'Pipeline not found', parent: 'Parent execution not found' };

export function executionRoutes({ db, reports }: ApiDeps): Router {
  const router = Router();
  router
    .route('/start_pipeline_execution')
    .post(async (request, response) => {
      const start = await readBody(ExecutionStart, request);
      const answer = await reports.start({
        pipelineId: start.pipeline_id,
        parentId: start.parent_id ?? start.parent_execution_id ?? null,
        startDate: start.start_date ?? null,
        watermark: start.watermark ?? null,
        nextWatermark: start.next_watermark ?? null,
      });
      if ('unknown' in answer) throw new Fault('record.not_found', UNKNOWN[answer.unknown]);
      response.status(201).json(answer);
    })
    .all(only('POST'));
  router
    .route('/end_pipeline_execution')
    .post(async (request, response) => {
      const { id, end_date, completed_successfully, ...sent } = await readBody(
        ExecutionEnd,
        request,
      );
      const end = { id, endDate: end_date, succeeded: completed_successfully, sent };
      refuse(await reports.end(end), id);
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

function refuse(answer: EndAnswer, id: number): void {
  if (answer === 'unknown') throw new Fault('record.not_found', NOT_FOUND);
  if (answer === 'too_early') {
    throw new Fault('request.invalid', 'end_date must be greater than start_date');
  }
  if (answer === 'ours') {
    throw new Fault('request.conflict', `Highwater runs execution ${id}, and ends it itself`);
  }
}
