import { Router, type Response } from 'express';
import { listPoolChanges, listPools } from '../../db/limits/pools.ts';
import type { PoolChanges, PoolList } from '../contract/pool.ts';
import { NoQuery } from '../contract/query.ts';
import type { ApiDeps } from '../deps.ts';
import { only } from '../http/method.ts';
import { parse } from '../http/parse.ts';
import { toPool, toPoolChange } from './pool-view.ts';

const CHANGES = 50;

export function poolRoutes({ db }: ApiDeps): Router {
  const router = Router();
  router
    .route('/pools')
    .get(async (request, response: Response<PoolList>) => {
      parse(NoQuery, request.query, 'query');
      response.json({ pools: (await listPools(db)).map(toPool) });
    })
    .all(only('GET'));
  router
    .route('/pools/changes')
    .get(async (request, response: Response<PoolChanges>) => {
      parse(NoQuery, request.query, 'query');
      const changes = await listPoolChanges(db, CHANGES);
      response.json({ changes: changes.map(toPoolChange) });
    })
    .all(only('GET'));
  return router;
}
