import { setTimeout as delay } from 'node:timers/promises';
import { Router, type Request, type Response } from 'express';
import { findCleanUp, listCleanUps, type CleanUpRecord } from '../../db/maintenance/clean-ups.ts';
import type { Db } from '../../db/database.ts';
import { Fault } from '../../runtime/fault.ts';
import { toCleanUp } from '../maintenance/clean-up-view.ts';
import {
  CleanUpQuery,
  CleanUpRequest,
  type CleanUp,
  type CleanUpList,
} from '../contract/clean-up.ts';
import { NoQuery } from '../contract/query.ts';
import type { ApiDeps } from '../deps.ts';
import { only } from '../http/method.ts';
import { parse } from '../http/parse.ts';
import { jsonBody } from '../http/request-body.ts';
import { untilGone } from '../http/until-gone.ts';

const SHOWN = 20;
const LOOK_EVERY_MS = 250;

export function cleanUpRoutes({ db, maintenance, stopping }: ApiDeps): Router {
  const router = Router();
  router
    .route('/clean-ups')
    .get(async (request, response: Response<CleanUpList>) => {
      parse(NoQuery, request.query, 'query');
      response.json({ clean_ups: (await listCleanUps(db, SHOWN)).map(toCleanUp) });
    })
    .post(jsonBody, async (request: Request, response: Response<CleanUp>) => {
      parse(NoQuery, request.query, 'query');
      const { dry_run = false } = parse(CleanUpRequest, request.body, 'body');
      response.status(202).json(toCleanUp(await maintenance.cleanUp(dry_run)));
    })
    .all(only('GET', 'POST'));
  router
    .route('/clean-ups/:id')
    .get(async (request, response: Response<CleanUp>) => {
      const { wait = 0 } = parse(CleanUpQuery, request.query, 'query');
      const until = Date.now() + wait;
      const signal = untilGone(response, stopping);
      let found = await getCleanUp(db, request.params.id);
      while (found.finished_at === null && Date.now() < until && !signal.aborted) {
        await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
        found = await getCleanUp(db, request.params.id);
      }
      response.json(toCleanUp(found));
    })
    .all(only('GET'));
  return router;
}

async function getCleanUp(db: Db, text: string): Promise<CleanUpRecord> {
  const id = /^[1-9]\d{0,14}$/.test(text) ? Number(text) : 0;
  const found = await findCleanUp(db, id);
  if (!found) throw new Fault('record.not_found', `No clean-up ${text}`);
  return found;
}
