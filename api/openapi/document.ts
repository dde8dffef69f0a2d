import {
  OpenApiGeneratorV31,
  OpenAPIRegistry,
  type RouteConfig,
} from '@asteasolutions/zod-to-openapi';
import * as z from 'zod';
import { BACKFILL_PATHS } from '../backfills/openapi.ts';
import { Live, Ready } from '../contract/health.ts';
import { LogPage, LogsQuery } from '../contract/log.ts';
import { Pipeline, PipelineList } from '../contract/pipeline.ts';
import { WaitQuery } from '../contract/query.ts';
import { CancelRequest, Run, RunPage, RunRequest, RunsQuery } from '../contract/run.ts';
import { POOL_PATHS } from '../limits/openapi.ts';
import { ANOMALY_PATHS } from './anomalies.ts';
import { answers } from './answers.ts';
import { EVENT_PATHS } from './events.ts';
import { LINEAGE_PATHS } from './lineage.ts';
import { MAINTENANCE_PATHS } from './maintenance.ts';
import { NOTICE_PATHS } from './notices.ts';
import { STANDING_PATHS } from './standings.ts';
import { WATERMARK_PATHS } from './watermarks.ts';
import { TRIGGER_PATHS } from '../triggers/openapi.ts';
import { WATCHER_PATHS } from '../watcher/paths.ts';

const Name = z.object({ name: z.string() });
const Id = z.object({ id: z.int() });
const IdempotencyKey = z.object({
  'Idempotency-Key': z
    .string()
    .optional()
    .describe('The same key again answers the same run, with `Idempotent-Replayed: true`'),
});

const ROUTES: RouteConfig[] = [
  ...['/health', '/health/live'].map((path): RouteConfig => {
    const summary = 'Whether the process runs';
    return { method: 'get', path, summary, responses: answers({ 200: Live }) };
  }),
  {
    method: 'get',
    path: '/health/ready',
    summary: 'Whether runs can be started, and what is missing when not',
    responses: answers({ 200: Ready, 503: Ready }),
  },
  {
    method: 'get',
    path: '/api/pipelines',
    summary: 'Every pipeline of the project',
    responses: answers({ 200: PipelineList }),
  },
  {
    method: 'get',
    path: '/api/pipelines/{name}',
    summary: 'A pipeline: its params, its blocks, its last run, the errors of its file',
    request: { params: Name },
    responses: answers({ 200: Pipeline }, 404),
  },
  {
    method: 'post',
    path: '/api/pipelines/{name}/runs',
    summary: 'Ask for a run; once accepted it is never lost',
    request: {
      params: Name,
      query: WaitQuery,
      headers: IdempotencyKey,
      body: { content: { 'application/json': { schema: RunRequest } } },
    },
    responses: answers({ 200: Run, 202: Run }, 400, 404, 409, 413, 415, 422, 503),
  },
  {
    method: 'get',
    path: '/api/runs',
    summary: 'Runs, the newest first, in pages',
    request: { query: RunsQuery },
    responses: answers({ 200: RunPage }, 400, 503),
  },
  {
    method: 'get',
    path: '/api/runs/{id}',
    summary: 'A run with its blocks, their attempts, and the runs of its sub-pipelines',
    request: { params: Id, query: WaitQuery },
    responses: answers({ 200: Run }, 400, 404, 503),
  },
  {
    method: 'get',
    path: '/api/runs/{id}/logs',
    summary: 'What its blocks said; with `wait` the answer comes with the next line',
    request: { params: Id, query: LogsQuery },
    responses: answers({ 200: LogPage }, 400, 404, 503),
  },
  {
    method: 'post',
    path: '/api/runs/{id}/cancel',
    summary: 'Ask a run to stop',
    request: { params: Id, body: { content: { 'application/json': { schema: CancelRequest } } } },
    responses: answers({ 202: Run }, 400, 404, 409, 413, 415, 503),
  },
];

/** The description of this API, made from the schemas that it checks with. */
export function describeApi() {
  const registry = new OpenAPIRegistry();
  for (const route of [
    ...ROUTES,
    ...NOTICE_PATHS,
    ...ANOMALY_PATHS,
    ...LINEAGE_PATHS,
    ...STANDING_PATHS,
    ...WATERMARK_PATHS,
    ...BACKFILL_PATHS,
    ...POOL_PATHS,
    ...MAINTENANCE_PATHS,
    ...TRIGGER_PATHS,
    ...EVENT_PATHS,
    ...WATCHER_PATHS,
  ])
    registry.registerPath(route);
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: { title: 'Highwater', version: '1', description: 'Pipelines and their runs' },
  });
}
