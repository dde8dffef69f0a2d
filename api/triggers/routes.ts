import { Router, type Request, type Response } from 'express';
import { getRun } from '../../db/runs/runs.ts';
import { listChanges } from '../../db/triggers/changes.ts';
import { findTrigger, listTriggers, type TriggerRecord } from '../../db/triggers/triggers.ts';
import { Fault } from '../../runtime/fault.ts';
import { SOMEBODY } from '../contract/actor.ts';
import { NoQuery } from '../contract/query.ts';
import type { Run } from '../contract/run.ts';
import {
  NextQuery,
  PauseRequest,
  StartRequest,
  TriggersQuery,
  type NextFires,
  type Trigger,
  type TriggerChanges,
  type TriggerDetail,
  type TriggerList,
} from '../contract/trigger.ts';
import type { ApiDeps } from '../deps.ts';
import { keyOf } from '../http/idempotency-key.ts';
import { only } from '../http/method.ts';
import { parse } from '../http/parse.ts';
import { jsonBody } from '../http/request-body.ts';
import { loadRun } from '../routes/runs.ts';
import { findLeftOut } from './left-out.ts';
import { pauseTrigger } from './pause.ts';
import { startSchedule } from './start-schedule.ts';
import { addressIn, pathsOf } from './trigger-address.ts';
import { toChange, toNextFires, toTrigger } from './trigger-view.ts';

const NEXT = 10;
const CHANGES = 50;

export function triggerRoutes(deps: ApiDeps): Router {
  const { db } = deps;
  const router = Router();
  router
    .route('/triggers')
    .get(async (request, response: Response<TriggerList>) => {
      const filter = parse(TriggersQuery, request.query, 'query');
      const now = new Date();
      const found = await listTriggers(db, filter);
      response.json({ triggers: found.map((trigger) => toTrigger(trigger, now)) });
    })
    .all(only('GET'));
  router
    .route('/triggers/:id')
    .get(async (request: Request, response: Response<TriggerDetail>) => {
      parse(NoQuery, request.query, 'query');
      const trigger = await getTrigger(deps, request);
      const isSchedule = trigger.definition.kind === 'schedule';
      const left_out = isSchedule ? await findLeftOut(deps, trigger) : null;
      response.json({ ...toTrigger(trigger, new Date()), left_out });
    })
    .all(only('GET'));
  router
    .route(pathsOf('next'))
    .get(async (request: Request, response: Response<NextFires>) => {
      const { count = NEXT, after } = parse(NextQuery, request.query, 'query');
      const { definition, paused, name } = await getTrigger(deps, request);
      if (definition.kind !== 'schedule') throw noSchedule(name);
      const from = after === undefined ? new Date() : new Date(after);
      response.json(toNextFires(definition.schedule, paused, { after: from, count }));
    })
    .all(only('GET'));
  router
    .route(pathsOf('changes'))
    .get(async (request: Request, response: Response<TriggerChanges>) => {
      parse(NoQuery, request.query, 'query');
      const { pipeline, name } = await getTrigger(deps, request);
      const changes = await listChanges(db, { pipeline, trigger: name }, CHANGES);
      response.json({ changes: changes.map(toChange) });
    })
    .all(only('GET'));
  for (const [word, paused] of [
    ['pause', true],
    ['resume', false],
  ] as const) {
    router
      .route(pathsOf(word))
      .post(jsonBody, async (request: Request, response: Response<Trigger>) => {
        parse(NoQuery, request.query, 'query');
        const { actor = SOMEBODY, note = null } = parse(PauseRequest, request.body, 'body');
        const trigger = await getTrigger(deps, request);
        const isSchedule = trigger.definition.kind === 'schedule';
        await pauseTrigger(deps, trigger, isSchedule, { paused, actor, note });
        response.json(toTrigger(await getTrigger(deps, request), new Date()));
      })
      .all(only('POST'));
  }
  router
    .route(pathsOf('start'))
    .post(jsonBody, async (request: Request, response: Response<Run>) => {
      parse(NoQuery, request.query, 'query');
      const { actor = SOMEBODY } = parse(StartRequest, request.body, 'body');
      const trigger = await getTrigger(deps, request);
      const key = keyOf(request);
      const { id, replayed } = await startSchedule(deps, trigger, { key, actor });
      if (replayed) response.set('Idempotent-Replayed', 'true');
      const run = await loadRun(deps, await getRun(db, id));
      response.status(202).location(`/api/runs/${id}`).json(run);
    })
    .all(only('POST'));
  return router;
}

/** Fails with `trigger.not_found`. */
async function getTrigger({ db }: ApiDeps, request: Request): Promise<TriggerRecord> {
  const address = addressIn(request);
  const found = await findTrigger(db, address);
  if (found) return found;
  const name = 'id' in address ? String(address.id) : `${address.pipeline}/${address.name}`;
  throw new Fault('trigger.not_found', `There is no trigger ${name}`);
}

function noSchedule(name: string): Fault {
  return new Fault('trigger.wrong_kind', `Trigger ${name} is no schedule: nobody knows its times`);
}
