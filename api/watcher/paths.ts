import * as z from 'zod';
import { describe } from './document.ts';

/** Every path of Watcher's that its OpenAPI document names. */
export const WATCHER_PATHS = [
  describe({
    method: 'get',
    path: '/',
    summary: 'Whether the process runs',
    answers: { 200: z.object({ status: z.literal('ok') }) },
  }),
];
