import { Router, type Request, type Response } from 'express';
import { getRun } from '../../db/runs/runs.ts';
import { isClosed } from '../../plan/run-state.ts';
import { Fault } from '../../runtime/fault.ts';
import type { JsonObject } from '../../runtime/json.ts';
import { NoQuery, WaitQuery } from '../contract/query.ts';
import type { Run } from '../contract/run.ts';
import {
  RevokeQuery,
  TokenRequest,
  type TokenRevoked,
  type TriggerToken,
} from '../contract/trigger-token.ts';
import type { ApiDeps } from '../deps.ts';
import { keyOf } from '../http/idempotency-key.ts';
import { only } from '../http/method.ts';
import { parse } from '../http/parse.ts';
import { rawBody } from '../http/raw-body.ts';
import { jsonBody } from '../http/request-body.ts';
import { loadRun } from '../routes/runs.ts';
import { untilGone } from '../http/until-gone.ts';
import { waitForRun } from '../runs/wait-for-run.ts';
import { fireTrigger } from './fire-trigger.ts';
import { revokeToken, rotateToken } from './token.ts';
import { addressIn, pathsOf } from './trigger-address.ts';

export function fireRoutes(deps: ApiDeps): Router {
  const router = Router();
  router
    .route(pathsOf('fire'))
    .post(rawBody, async (request: Request, response: Response<Run>) => {
      await fire(deps, request, response);
    })
    .all(only('POST'));
  router
    .route(pathsOf('token'))
    .post(jsonBody, async (request: Request, response: Response<TriggerToken>) => {
      parse(NoQuery, request.query, 'query');
      const { actor } = parse(TokenRequest, request.body, 'body');
      const token = await rotateToken(deps, addressIn(request), actor);
      response.status(201).set('Cache-Control', 'no-store').json(token);
    })
    .delete(async (request: Request, response: Response<TokenRevoked>) => {
      const { by } = parse(RevokeQuery, request.query, 'query');
      response.json(await revokeToken(deps, addressIn(request), by));
    })
    .all(only('POST', 'DELETE'));
  return router;
}

/** 200 with the ended run when `wait` saw its end, 202 otherwise; 204 to a webhook that only says hello. */
async function fire(deps: ApiDeps, request: Request, response: Response<Run>): Promise<void> {
  const { wait = 0 } = parse(WaitQuery, request.query, 'query');
  const fired = await fireTrigger(deps, addressIn(request), {
    header: (name) => request.get(name),
    headers: request.headers as JsonObject,
    body: request.body as Buffer,
    key: keyOf(request),
  });
  if ('ignored' in fired) {
    response.status(204).end();
    return;
  }
  if ('retryAfterMs' in fired) throw tooMany(response, fired.retryAfterMs);
  const { id, replayed } = fired.run;
  const signal = untilGone(response, deps.stopping);
  const run = await (wait > 0 ? waitForRun(deps, id, wait, signal) : getRun(deps.db, id));
  if (replayed) response.set('Idempotent-Replayed', 'true');
  response
    .status(isClosed(run.state) ? 200 : 202)
    .location(`/api/runs/${id}`)
    .json(await loadRun(deps, run));
}

function tooMany(response: Response, ms: number): Fault {
  const seconds = Math.ceil(ms / 1000);
  response.set('Retry-After', String(seconds));
  return new Fault(
    'request.too_many',
    `This trigger is fired too often: try again in ${seconds} s`,
  );
}
