import type { RouteConfig } from '@asteasolutions/zod-to-openapi';
import * as z from 'zod';
import { JSON_LINES } from '../contract/json-lines.ts';
import { Run } from '../contract/run.ts';
import {
  Deployment,
  DeploymentLine,
  DeploymentRequest,
  NextFires,
  NextQuery,
  PauseRequest,
  StartRequest,
  Trigger,
  TriggerChanges,
  TriggerDetail,
  TriggerList,
  TriggersQuery,
} from '../contract/trigger.ts';
import { answers } from '../openapi/answers.ts';

const params = z.object({ id: z.int() });
const pausing = { content: { 'application/json': { schema: PauseRequest } } };

/** Triggers of every kind, and deployments. */
export const TRIGGER_PATHS: readonly RouteConfig[] = [
  {
    method: 'get',
    path: '/api/triggers',
    summary: 'What makes pipelines run by themselves',
    request: { query: TriggersQuery },
    responses: answers({ 200: TriggerList }, 400, 503),
  },
  {
    method: 'get',
    path: '/api/triggers/{id}',
    summary: 'One trigger; the paths below also take `{pipeline}/{name}` for the id',
    request: { params },
    responses: answers({ 200: TriggerDetail }, 400, 404, 503),
  },
  {
    method: 'get',
    path: '/api/triggers/{id}/next',
    summary: 'When a schedule fires next, and the interval of each run',
    request: { params, query: NextQuery },
    responses: answers({ 200: NextFires }, 400, 404, 409, 503),
  },
  {
    method: 'get',
    path: '/api/triggers/{id}/changes',
    summary: 'Who did what to it',
    request: { params },
    responses: answers({ 200: TriggerChanges }, 400, 404, 503),
  },
  {
    method: 'post',
    path: '/api/triggers/{id}/pause',
    summary: 'It starts nothing until it is resumed, whatever is deployed meanwhile',
    request: { params, body: pausing },
    responses: answers({ 200: Trigger }, 400, 404, 413, 415, 503),
  },
  {
    method: 'post',
    path: '/api/triggers/{id}/resume',
    summary: 'It starts runs again; what it would have started meanwhile stays left out',
    request: { params, body: pausing },
    responses: answers({ 200: Trigger }, 400, 404, 413, 415, 503),
  },
  {
    method: 'post',
    path: '/api/triggers/{id}/start',
    summary: 'A run of a schedule now, about the last interval that is over',
    request: { params, body: { content: { 'application/json': { schema: StartRequest } } } },
    responses: answers({ 202: Run }, 400, 404, 409, 413, 415, 422, 503),
  },
  {
    method: 'post',
    path: '/api/deployments',
    summary:
      'Make pipelines and schedules what the files say. With `Accept: application/x-ndjson` the answer comes in lines: a `DeploymentLine` for each step, the last one with the deployment or the problem',
    request: { body: { content: { 'application/json': { schema: DeploymentRequest } } } },
    responses: {
      ...answers({ 200: Deployment }, 400, 413, 415, 422, 503),
      200: {
        description: 'As asked',
        content: {
          'application/json': { schema: Deployment },
          [JSON_LINES]: { schema: DeploymentLine },
        },
      },
    },
  },
];
