import { expect, test } from 'vitest';
import { fromCursor, toCursor } from './cursor.ts';

test('a cursor comes back as the id it was made from', () => {
  expect(fromCursor(toCursor(4711))).toBe(4711);
});

test.each(['', 'abc', toCursor(1).slice(1), Buffer.from('r1:x').toString('base64url')])(
  'the cursor "%s" is refused',
  (cursor) => {
    expect(() => fromCursor(cursor)).toThrow(/not one of ours/);
  },
);
