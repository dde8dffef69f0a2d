import type { RouteConfig } from '@asteasolutions/zod-to-openapi';
import * as z from 'zod';
import {
  CloudEvent,
  CloudEvents,
  Event,
  EventPage,
  EventReceipt,
  EventReceipts,
  EventsQuery,
  ReplayRequest,
} from '../contract/event.ts';
import { WaitQuery } from '../contract/query.ts';
import { Run } from '../contract/run.ts';
import {
  RevokeQuery,
  TokenRequest,
  TokenRevoked,
  TriggerToken,
} from '../contract/trigger-token.ts';
import { answers } from './answers.ts';

const Id = z.object({ id: z.int() });

export const EVENT_PATHS: RouteConfig[] = [
  {
    method: 'post',
    path: '/api/triggers/{id}/fire',
    summary:
      'Ask for a run with the token of an API trigger, or by a signed webhook; also /api/triggers/{pipeline}/{name}/fire',
    request: {
      params: Id,
      query: WaitQuery,
      headers: z.object({
        Authorization: z.string().optional().describe('`Bearer` and the token'),
        'X-Hub-Signature-256': z.string().optional().describe('A webhook signed as GitHub does'),
        'Stripe-Signature': z.string().optional().describe('A webhook signed as Stripe does'),
        'Idempotency-Key': z
          .string()
          .optional()
          .describe('The same key again answers the same run'),
      }),
      body: { content: { 'application/json': { schema: z.unknown() } } },
    },
    responses: {
      ...answers({ 200: Run, 202: Run }, 400, 401, 404, 409, 413, 422, 429, 503),
      204: { description: 'To a webhook that only asks whether anybody is there' },
    },
  },
  {
    method: 'post',
    path: '/api/triggers/{id}/token',
    summary: 'Give an API trigger a new token; it is told once, and the one before ends',
    request: {
      params: Id,
      body: { content: { 'application/json': { schema: TokenRequest } } },
    },
    responses: answers({ 201: TriggerToken }, 400, 404, 409, 503),
  },
  {
    method: 'delete',
    path: '/api/triggers/{id}/token',
    summary: 'Take the token of an API trigger away: nobody can fire it',
    request: { params: Id, query: RevokeQuery },
    responses: answers({ 200: TokenRevoked }, 400, 404, 409, 503),
  },
  {
    method: 'post',
    path: '/api/events',
    summary: 'Tell of something that has happened, as CloudEvents 1.0; binary mode is taken too',
    request: {
      body: {
        content: {
          'application/cloudevents+json': { schema: CloudEvent },
          'application/cloudevents-batch+json': { schema: CloudEvents },
        },
      },
    },
    responses: answers(
      { 200: z.union([EventReceipt, EventReceipts]), 202: z.union([EventReceipt, EventReceipts]) },
      ...[400, 413, 415, 503],
    ),
  },
  {
    method: 'get',
    path: '/api/events',
    summary: 'Events, the newest first, in pages',
    request: { query: EventsQuery },
    responses: answers({ 200: EventPage }, 400, 503),
  },
  {
    method: 'get',
    path: '/api/events/{id}',
    summary: 'An event, what it matched, and the runs that it started',
    request: { params: Id },
    responses: answers({ 200: Event }, 404, 503),
  },
  {
    method: 'post',
    path: '/api/events/{id}/replay',
    summary: 'Match an event once more, with the triggers as they are now',
    request: {
      params: Id,
      body: { content: { 'application/json': { schema: ReplayRequest } } },
    },
    responses: answers({ 202: Event }, 400, 404, 409, 503),
  },
];
