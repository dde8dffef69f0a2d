import * as z from 'zod';
import { describe } from '../document.ts';
import { integer, model } from '../fields.ts';

export const TimelinessPost = model('TimelinessPostInput', {
  lookback_minutes: integer({ ge: 5 }).default(60),
});

const Queued = z.object({ status: z.literal('queued') }).meta({ id: 'Queued' });

export const CHECK_PATHS = [
  describe({
    method: 'post',
    path: '/freshness',
    summary: 'Look at once whether data are new',
    answers: { 200: Queued },
  }),
  describe({
    method: 'post',
    path: '/timeliness',
    summary: 'Look at once whether executions end in time',
    body: TimelinessPost,
    answers: { 200: Queued },
  }),
];
