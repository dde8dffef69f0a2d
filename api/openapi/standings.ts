import type { RouteConfig } from '@asteasolutions/zod-to-openapi';
import * as z from 'zod';
import {
  FreshnessBoard,
  FreshnessHistory,
  FreshnessQuery,
  TimelinessBoard,
  TimelinessHistory,
  TimelinessQuery,
} from '../contract/standing.ts';
import { WhyLate } from '../contract/why-late.ts';
import { answers } from './answers.ts';

const Name = z.object({ name: z.string() });

export const STANDING_PATHS: RouteConfig[] = [
  {
    method: 'get',
    path: '/api/freshness',
    summary: 'Which data are new, the late ones first',
    request: { query: FreshnessQuery },
    responses: answers({ 200: FreshnessBoard }, 400, 503),
  },
  {
    method: 'get',
    path: '/api/freshness/{name}',
    summary: "How new a pipeline's data are and were",
    request: { params: Name },
    responses: answers({ 200: FreshnessHistory }, 400, 404, 503),
  },
  {
    method: 'get',
    path: '/api/timeliness',
    summary: 'Whose runs end in time, the late ones first',
    request: { query: TimelinessQuery },
    responses: answers({ 200: TimelinessBoard }, 400, 503),
  },
  {
    method: 'get',
    path: '/api/timeliness/{name}',
    summary: "Whether a pipeline's runs end and ended in time, and which were late",
    request: { params: Name },
    responses: answers({ 200: TimelinessHistory }, 400, 404, 503),
  },
  {
    method: 'get',
    path: '/api/pipelines/{name}/why-late',
    summary: 'Why a pipeline is late: every cause that was found, with evidence',
    request: { params: Name },
    responses: answers({ 200: WhyLate }, 400, 404, 503),
  },
];
