import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { Pool } from '../api/contract/pool.ts';
import { drawPools } from './pool-text.ts';

const lease = (its: Partial<Pool['holders'][number]>): Pool['holders'][number] => ({
  ...{ run: 12, pipeline: 'orders', block: 'load', attempt: 1, slots: 1, priority: 3, place: null },
  ...{ worker: null, asked_at: 'then', granted_at: 'then', expires_at: 'then', ...its },
});

test('a pool shows its holders first, then those who wait at their places', () => {
  const pool = {
    ...{ name: 'warehouse', slots: 2, used: 2, free: 0 },
    holders: [lease({ slots: 2, worker: 'host/7' })],
    waiting: [lease({ run: 13, place: 1, priority: 1 })],
  };

  expect(drawPools([pool]).map((line) => stripVTControlCharacters(line).trimEnd())).toEqual([
    'warehouse  2 of 2 slots in use',
    '  holds    orders run 12 load  2 slots              host/7',
    '  place 1  orders run 13 load           priority 1',
  ]);
});

test('without pools it says where they come from', () => {
  expect(drawPools([])).toEqual(['No pools: declare them in highwater.yaml']);
});
