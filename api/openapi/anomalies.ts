import type { RouteConfig } from '@asteasolutions/zod-to-openapi';
import * as z from 'zod';
import { AnomaliesQuery, AnomalyPage, Unflagged, Unflagging } from '../contract/anomaly.ts';
import { answers } from './answers.ts';

export const ANOMALY_PATHS: RouteConfig[] = [
  {
    method: 'get',
    path: '/api/anomalies',
    summary: 'What was out of its range, the newest first, in pages',
    request: { query: AnomaliesQuery },
    responses: answers({ 200: AnomalyPage }, 400, 503),
  },
  {
    method: 'post',
    path: '/api/runs/{id}/unflag',
    summary: 'Take back that metrics of a run are odd: it counts as normal from then on',
    request: {
      params: z.object({ id: z.int() }),
      body: { content: { 'application/json': { schema: Unflagging } } },
    },
    responses: answers({ 200: Unflagged }, 400, 404, 409, 413, 415, 503),
  },
];
