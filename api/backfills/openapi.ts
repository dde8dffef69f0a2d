import type { RouteConfig } from '@asteasolutions/zod-to-openapi';
import * as z from 'zod';
import {
  Backfill,
  BackfillPage,
  BackfillPlan,
  BackfillQuery,
  BackfillRequest,
  BackfillSettings,
  BackfillSteering,
  BackfillsQuery,
  IntervalPage,
  IntervalsQuery,
} from '../contract/backfill.ts';
import { answers } from '../openapi/answers.ts';

const params = z.object({ id: z.int() });

export const BACKFILL_PATHS: readonly RouteConfig[] = [
  {
    method: 'post',
    path: '/api/backfills',
    summary: 'Run a pipeline for every interval of the past, or ask what that would be',
    request: { body: { content: { 'application/json': { schema: BackfillRequest } } } },
    responses: answers({ 200: BackfillPlan, 202: Backfill }, 400, 404, 409, 413, 415, 422, 503),
  },
  {
    method: 'get',
    path: '/api/backfills',
    summary: 'Backfills, the newest first, in pages',
    request: { query: BackfillsQuery },
    responses: answers({ 200: BackfillPage }, 400, 503),
  },
  {
    method: 'get',
    path: '/api/backfills/{id}',
    summary: 'One backfill; with `wait` the answer comes when it has ended',
    request: { params, query: BackfillQuery },
    responses: answers({ 200: Backfill }, 400, 404, 503),
  },
  {
    method: 'get',
    path: '/api/backfills/{id}/intervals',
    summary: 'Its intervals with their runs, in pages',
    request: { params, query: IntervalsQuery },
    responses: answers({ 200: IntervalPage }, 400, 404, 503),
  },
  {
    method: 'patch',
    path: '/api/backfills/{id}',
    summary: 'Change how many of its runs run at the same time',
    request: { params, body: { content: { 'application/json': { schema: BackfillSettings } } } },
    responses: answers({ 200: Backfill }, 400, 404, 409, 413, 415, 503),
  },
  ...[
    ['pause', 'Start nothing more; what runs goes on to its end'],
    ['resume', 'Go on'],
    ['cancel', 'End what runs, start nothing more'],
    ['retry', 'Run again what failed, with the pipeline’s current plan'],
  ].map(([verb, summary]): RouteConfig => ({
    method: 'post',
    path: `/api/backfills/{id}/${verb}`,
    summary: summary ?? '',
    request: { params, body: { content: { 'application/json': { schema: BackfillSteering } } } },
    responses: answers({ 202: Backfill }, 400, 404, 409, 413, 415, 422, 503),
  })),
];
