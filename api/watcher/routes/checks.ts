import { Router } from 'express';
import { checkDeadlines } from '../../../db/standings/check-deadlines.ts';
import { wakeWatch } from '../../../db/standings/watch.ts';
import type { ApiDeps } from '../../deps.ts';
import { only } from '../../http/method.ts';
import { TimelinessPost } from '../contract/check.ts';
import { readBody } from '../read.ts';

const MINUTE_MS = 60_000;
const CENTURY_MS = 100 * 365 * 24 * 60 * MINUTE_MS;

/**
 * Deadlines are looked at when they come; here somebody asks for a look at once, and has it when the
 * answer comes.
 */
export function checkRoutes({ db }: ApiDeps): Router {
  const router = Router();
  router
    .route('/freshness')
    .post(async (_request, response) => {
      await checkDeadlines(db);
      await wakeWatch(db);
      response.json({ status: 'queued' });
    })
    .all(only('POST'));
  router
    .route('/timeliness')
    .post(async (request, response) => {
      const { lookback_minutes } = await readBody(TimelinessPost, request);
      const lookBackMs = Math.min(lookback_minutes * MINUTE_MS, CENTURY_MS);
      await checkDeadlines(db, { lookBackTo: new Date(Date.now() - lookBackMs) });
      await wakeWatch(db);
      response.json({ status: 'queued' });
    })
    .all(only('POST'));
  return router;
}
