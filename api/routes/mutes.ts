import { Router, type Request, type Response } from 'express';
import { addMute, liftMute, listMutes } from '../../db/notices/mutes.ts';
import {
  LiftQuery,
  MuteRequest,
  MutesQuery,
  type Mute,
  type MuteList,
} from '../contract/notice.ts';
import { NoQuery } from '../contract/query.ts';
import type { ApiDeps } from '../deps.ts';
import { only } from '../http/method.ts';
import { toMute } from '../notices/notice-view.ts';
import { parse, parseId } from '../http/parse.ts';
import { jsonBody } from '../http/request-body.ts';

const MOST = 1000;

export function muteRoutes({ db }: ApiDeps): Router {
  const router = Router();
  router
    .route('/mutes')
    .get(async (request, response: Response<MuteList>) => {
      const { all } = parse(MutesQuery, request.query, 'query');
      const mutes = await listMutes(db, all !== 'true', MOST);
      response.json({ mutes: mutes.map(toMute) });
    })
    .post(jsonBody, async (request: Request, response: Response<Mute>) => {
      parse(NoQuery, request.query, 'query');
      const { pipeline, kind, until, reason, by } = parse(MuteRequest, request.body, 'body');
      const mute = await addMute(db, {
        pipeline: pipeline ?? null,
        kind: kind ?? null,
        until: until === undefined ? null : new Date(until),
        ...{ reason, by },
      });
      response.status(201).json(toMute(mute));
    })
    .all(only('GET', 'POST'));
  router
    .route('/mutes/:id')
    .delete(async (request, response: Response<Mute>) => {
      const { by } = parse(LiftQuery, request.query, 'query');
      const mute = await liftMute(db, parseId(request.params.id, 'mute'), by);
      response.json(toMute(mute));
    })
    .all(only('DELETE'));
  return router;
}
