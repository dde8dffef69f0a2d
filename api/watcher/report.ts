import type { IncomingMessage } from 'node:http';
import type { EndAnswer } from '../../db/reports/report-end.ts';
import { Fault } from '../../runtime/fault.ts';
import type { Reports } from './reports.ts';
import { ExecutionEnd, ExecutionStart } from './contract/execution.ts';
import { readBody } from './read.ts';

export const NOT_FOUND = 'Pipeline execution not found';
const UNKNOWN = { pipeline: 'Pipeline not found', parent: 'Parent execution not found' };

/** Takes the report that an execution began; answers its id. */
export async function startExecution(
  reports: Reports,
  request: IncomingMessage,
): Promise<{ readonly id: number }> {
  const start = await readBody(ExecutionStart, request);
  const answer = await reports.start({
    pipelineId: start.pipeline_id,
    parentId: start.parent_id ?? start.parent_execution_id ?? null,
    startDate: start.start_date ?? null,
    watermark: start.watermark ?? null,
    nextWatermark: start.next_watermark ?? null,
  });
  if ('unknown' in answer) throw new Fault('record.not_found', UNKNOWN[answer.unknown]);
  return answer;
}

/** Takes the report that an execution ended. */
export async function endExecution(reports: Reports, request: IncomingMessage): Promise<void> {
  const { id, end_date, completed_successfully, ...sent } = await readBody(ExecutionEnd, request);
  const state = completed_successfully ? 'succeeded' : 'failed';
  refuse(await reports.end({ id, endDate: end_date, state, sent }), id);
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
