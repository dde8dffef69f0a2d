import type { RouteConfig } from '@asteasolutions/zod-to-openapi';
import { PoolList } from '../contract/pool.ts';
import { answers } from '../openapi/answers.ts';

export const POOL_PATHS: RouteConfig[] = [
  {
    method: 'get',
    path: '/api/pools',
    summary: 'Pools: how many slots are free, who holds the others, who waits at which place',
    responses: answers({ 200: PoolList }, 400, 503),
  },
];
