import type { RouteConfig } from '@asteasolutions/zod-to-openapi';
import * as z from 'zod';
import { CleanUp, CleanUpList, CleanUpQuery, CleanUpRequest } from '../contract/clean-up.ts';
import { DailyReport, DailyReportQuery } from '../contract/daily-report.ts';
import { Diagnostics, DiagnosticsPart, PARTS } from '../contract/diagnostics.ts';
import { answers } from './answers.ts';

/** Reports, diagnostics and clean-ups. */
export const MAINTENANCE_PATHS: readonly RouteConfig[] = [
  {
    method: 'get',
    path: '/api/reports/daily',
    summary: 'Each pipeline’s day, today included, the newest first',
    request: { query: DailyReportQuery },
    responses: answers({ 200: DailyReport }, 400, 503),
  },
  {
    method: 'get',
    path: '/api/diagnostics',
    summary: 'Whether everything is well, and what to do where it is not',
    responses: answers({ 200: Diagnostics }, 400, 503),
  },
  {
    method: 'get',
    path: '/api/diagnostics/{part}',
    summary: 'One part of the same',
    request: { params: z.object({ part: z.enum(PARTS) }) },
    responses: answers({ 200: DiagnosticsPart }, 400, 404, 503),
  },
  {
    method: 'get',
    path: '/api/clean-ups',
    summary: 'The last clean-ups',
    responses: answers({ 200: CleanUpList }, 400, 503),
  },
  {
    method: 'post',
    path: '/api/clean-ups',
    summary: 'Remove what is older than it is kept, now',
    request: { body: { content: { 'application/json': { schema: CleanUpRequest } } } },
    responses: answers({ 202: CleanUp }, 400, 413, 415, 503),
  },
  {
    method: 'get',
    path: '/api/clean-ups/{id}',
    summary: 'One clean-up; with `wait` the answer comes when it has ended',
    request: { params: z.object({ id: z.int() }), query: CleanUpQuery },
    responses: answers({ 200: CleanUp }, 400, 404, 503),
  },
];
