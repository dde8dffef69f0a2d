import type { RouteConfig } from '@asteasolutions/zod-to-openapi';
import * as z from 'zod';
import {
  Acknowledgement,
  LiftQuery,
  Mute,
  MuteList,
  MuteRequest,
  MutesQuery,
  Notice,
  NoticePage,
  NoticesQuery,
  NoticeTest,
  NoticeTestResult,
} from '../contract/notice.ts';
import { answers } from './answers.ts';

const Id = z.object({ id: z.int() });
const body = (schema: z.ZodType) => ({ content: { 'application/json': { schema } } });

export const NOTICE_PATHS: RouteConfig[] = [
  {
    method: 'get',
    path: '/api/notices',
    summary: 'Notices, the newest first, in pages',
    request: { query: NoticesQuery },
    responses: answers({ 200: NoticePage }, 400, 503),
  },
  {
    method: 'get',
    path: '/api/notices/{id}',
    summary: 'A notice with its deliveries and their errors',
    request: { params: Id },
    responses: answers({ 200: Notice }, 400, 404, 503),
  },
  {
    method: 'post',
    path: '/api/notices/{id}/acknowledge',
    summary: 'Have a notice not told again until it has recovered',
    request: { params: Id, body: body(Acknowledgement) },
    responses: answers({ 200: Notice }, 400, 404, 409, 413, 415, 503),
  },
  {
    method: 'post',
    path: '/api/notices/test',
    summary: 'Send a test through a channel, and say how it went',
    request: { body: body(NoticeTest) },
    responses: answers({ 200: NoticeTestResult }, 400, 404, 413, 415),
  },
  {
    method: 'get',
    path: '/api/mutes',
    summary: 'Mutes that hold now, or all of them, the newest first',
    request: { query: MutesQuery },
    responses: answers({ 200: MuteList }, 400, 503),
  },
  {
    method: 'post',
    path: '/api/mutes',
    summary: 'Have nobody told of notices of a pipeline, of a kind, or of any',
    request: { body: body(MuteRequest) },
    responses: answers({ 201: Mute }, 400, 404, 413, 415, 503),
  },
  {
    method: 'delete',
    path: '/api/mutes/{id}',
    summary: 'Lift a mute; it stays on record',
    request: { params: Id, query: LiftQuery },
    responses: answers({ 200: Mute }, 400, 404, 503),
  },
];
