import { Router, type Response } from 'express';
import { listPools } from '../../db/limits/pools.ts';
import type { PoolList } from '../contract/pool.ts';
import { NoQuery } from '../contract/query.ts';
import type { ApiDeps } from '../deps.ts';
import { only } from '../http/method.ts';
import { parse } from '../http/parse.ts';
import { toPool } from './pool-view.ts';

export function poolRoutes({ db }: ApiDeps): Router {
  const router = Router();
  router
    .route('/pools')
    .get(async (request, response: Response<PoolList>) => {
      parse(NoQuery, request.query, 'query');
      response.json({ pools: (await listPools(db)).map(toPool) });
    })
    .all(only('GET'));
  return router;
}
