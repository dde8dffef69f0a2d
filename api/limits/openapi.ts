import type { RouteConfig } from '@asteasolutions/zod-to-openapi';
import { PoolChanges, PoolList } from '../contract/pool.ts';
import { answers } from '../openapi/answers.ts';

export const POOL_PATHS: RouteConfig[] = [
  {
    method: 'get',
    path: '/api/pools',
    summary: 'Pools: how many slots are free, who holds the others, who waits at which place',
    responses: answers({ 200: PoolList }, 400, 503),
  },
  {
    method: 'get',
    path: '/api/pools/changes',
    summary: 'Who did what to pools',
    responses: answers({ 200: PoolChanges }, 400, 503),
  },
];
