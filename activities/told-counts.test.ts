import { expect, test } from 'vitest';
import { countsIn } from './told-counts.ts';

test('a value of nothing but counts says what was written', () => {
  expect(countsIn({ inserts: 5 })).toEqual({ inserts: 5, updates: 0, soft_deletes: 0 });
  expect(countsIn({ inserts: 0, updates: 2, soft_deletes: 1 })).toEqual({
    ...{ inserts: 0, updates: 2, soft_deletes: 1 },
  });
});

test.each([
  undefined,
  null,
  5,
  'inserts',
  [],
  {},
  { inserts: 5, table: 'orders' },
  { inserts: '5' },
  { updates: -1 },
  { updates: 1.5 },
  { inserts: null },
])('the value %j says nothing of that', (value) => {
  expect(countsIn(value)).toBeUndefined();
});
