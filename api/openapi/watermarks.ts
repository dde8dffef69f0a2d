import type { RouteConfig } from '@asteasolutions/zod-to-openapi';
import * as z from 'zod';
import {
  Watermark,
  WatermarkHistory,
  WatermarkHistoryQuery,
  WatermarkRequest,
  WatermarkSetting,
} from '../contract/watermark.ts';
import { answers } from './answers.ts';

const Name = z.object({ name: z.string() });

export const WATERMARK_PATHS: RouteConfig[] = [
  {
    method: 'get',
    path: '/api/pipelines/{name}/watermark',
    summary: 'Up to where the data of a pipeline are loaded',
    request: { params: Name },
    responses: answers({ 200: Watermark }, 404, 503),
  },
  {
    method: 'put',
    path: '/api/pipelines/{name}/watermark',
    summary: 'Put it somewhere else, or ask what would be loaded again',
    request: {
      params: Name,
      body: { content: { 'application/json': { schema: WatermarkRequest } } },
    },
    responses: answers({ 200: WatermarkSetting }, 400, 404, 413, 415, 422, 503),
  },
  {
    method: 'get',
    path: '/api/pipelines/{name}/watermark/history',
    summary: 'Every change, and every one that was refused, the newest first',
    request: { params: Name, query: WatermarkHistoryQuery },
    responses: answers({ 200: WatermarkHistory }, 400, 404, 503),
  },
];
