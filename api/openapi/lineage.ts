import type { RouteConfig } from '@asteasolutions/zod-to-openapi';
import * as z from 'zod';
import { Impact, Lineage, LineageQuery } from '../contract/lineage.ts';
import {
  OpenLineageDatasetEvent,
  OpenLineageJobEvent,
  OpenLineageRunEvent,
} from '../contract/open-lineage.ts';
import { answers } from './answers.ts';

const Event = z.union([OpenLineageRunEvent, OpenLineageJobEvent, OpenLineageDatasetEvent]);

export const LINEAGE_PATHS: RouteConfig[] = [
  {
    method: 'get',
    path: '/api/lineage/upstream',
    summary: 'What an address, or one of its columns, is made from',
    request: { query: LineageQuery },
    responses: answers({ 200: Lineage }, 400, 404, 503),
  },
  {
    method: 'get',
    path: '/api/lineage/downstream',
    summary: 'What is made from an address, or from one of its columns',
    request: { query: LineageQuery },
    responses: answers({ 200: Lineage }, 400, 404, 503),
  },
  {
    method: 'get',
    path: '/api/lineage/impact',
    summary: 'The addresses and pipelines that a change of an address, or of a column, touches',
    request: { query: LineageQuery },
    responses: answers({ 200: Impact }, 400, 404, 503),
  },
  {
    method: 'post',
    path: '/api/v1/lineage',
    summary: 'Take an event of OpenLineage (spec 2-0-2) from another tool',
    request: { body: { content: { 'application/json': { schema: Event } } } },
    responses: {
      201: { description: 'Taken' },
      ...answers({}, 400, 409, 413, 503),
    },
  },
];
