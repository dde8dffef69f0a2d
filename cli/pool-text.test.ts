import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { Pool } from '../api/contract/pool.ts';
import { drawPoolChanges, drawPools } from './pool-text.ts';

const lease = (its: Partial<Pool['holders'][number]>): Pool['holders'][number] => ({
  ...{ run: 12, pipeline: 'orders', block: 'load', attempt: 1, slots: 1, priority: 3, place: null },
  ...{ worker: null, asked_at: 'then', granted_at: 'then', expires_at: 'then', ...its },
});

test('a pool shows its holders first, then those who wait at their places', () => {
  const pool = {
    ...{ name: 'warehouse', project: 'shop', slots: 2, used: 2, free: 0 },
    holders: [lease({ slots: 2, worker: 'host/7' })],
    waiting: [lease({ run: 13, place: 1, priority: 1 })],
  };

  expect(drawPools([pool]).map((line) => stripVTControlCharacters(line).trimEnd())).toEqual([
    'warehouse  2 of 2 slots in use (shop)',
    '  holds    orders run 12 load  2 slots              host/7',
    '  place 1  orders run 13 load           priority 1',
  ]);
});

test('without pools it says where they come from', () => {
  expect(drawPools([])).toEqual(['No pools: declare them in highwater.yaml']);
});

test('who changed a pool is told with the slots before and after', () => {
  const change = {
    ...{ id: 2, project: 'shop', pool: 'warehouse', action: 'changed', actor: 'ada' },
    ...{ details: { slots: 2, before: 4 }, changed_at: '2026-11-22T09:30:00.000Z' },
  };
  const removed = { ...change, action: 'removed', details: {} };
  const lines = drawPoolChanges({ changes: [removed, change] }).slice(1);
  expect(
    lines.map((line) => stripVTControlCharacters(line).replace(/\d{4}-\S+ \S+/, 'then')),
  ).toEqual([
    'Changes, the newest first:',
    '  then  warehouse  removed  ada               shop',
    '  then  warehouse  changed  ada  4 → 2 slots  shop',
  ]);
  expect(drawPoolChanges({ changes: [] })).toEqual([]);
});
