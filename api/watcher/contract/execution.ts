import * as z from 'zod';
import { describe } from '../document.ts';
import {
  dictionary,
  executionId,
  flag,
  id,
  integer,
  mark,
  maybe,
  model,
  moment,
} from '../fields.ts';
import { Created } from './pipeline-type.ts';

/** `parent_execution_id` is what the Python SDK sends for `parent_id`. */
export const ExecutionStart = model('PipelineExecutionStartInput', {
  pipeline_id: id(),
  start_date: maybe(moment()),
  watermark: maybe(mark()),
  next_watermark: maybe(mark()),
  parent_id: maybe(executionId()),
  parent_execution_id: maybe(executionId()),
});

const count = () => maybe(integer({ ge: 0 }));

export const ExecutionEnd = model('PipelineExecutionEndInput', {
  id: executionId(),
  end_date: moment(),
  completed_successfully: flag(),
  inserts: count(),
  updates: count(),
  soft_deletes: count(),
  total_rows: count(),
  execution_metadata: maybe(dictionary()),
});

const Reported = z.object({
  id: z.int(),
  parent_id: z.int().nullable(),
  pipeline_id: z.int(),
  start_date: z.iso.datetime().nullable(),
  end_date: z.iso.datetime().nullable(),
  duration_seconds: z.int().nullable(),
  completed_successfully: z.boolean().nullable(),
  inserts: z.int().nullable(),
  updates: z.int().nullable(),
  soft_deletes: z.int().nullable(),
  total_rows: z.int().nullable(),
  watermark: z.string().nullable(),
  next_watermark: z.string().nullable(),
  execution_metadata: z.record(z.string(), z.unknown()).nullable(),
  anomaly_flags: z.record(z.string(), z.boolean()).nullable(),
  throughput: z.number().nullable(),
});

const ExecutionGetOutput = Reported.extend({
  child_executions: z
    .array(Reported.extend({ child_executions: z.array(z.unknown()).max(0) }))
    .describe('Those directly below it'),
}).meta({ id: 'PipelineExecutionGetOutput' });

export const EXECUTION_PATHS = [
  describe({
    ...{
      method: 'post',
      path: '/start_pipeline_execution',
      summary: 'Report that an execution began',
    },
    body: ExecutionStart,
    answers: { 201: Created },
    problems: [404],
  }),
  describe({
    ...{
      method: 'post',
      path: '/end_pipeline_execution',
      summary: 'Report that an execution ended',
    },
    body: ExecutionEnd,
    answers: { 204: null },
    problems: [400, 404, 409],
  }),
  describe({
    method: 'get',
    path: '/pipeline_execution/{pipeline_execution_id}',
    summary: 'One execution, reported or run by Highwater, and those directly below it',
    params: z.object({ pipeline_execution_id: z.int() }),
    answers: { 200: ExecutionGetOutput },
    problems: [404],
  }),
];
