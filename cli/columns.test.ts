import { expect, test } from 'vitest';
import { clip, inColumns } from './columns.ts';

const RED = '\u001b[31m';
const END = '\u001b[39m';

test('columns are as wide as their widest cell, whatever its colour', () => {
  expect(
    inColumns([
      ['a', 'b'],
      [`${RED}long${END}`, 'c'],
    ]),
  ).toEqual(['a     b', `${RED}long${END}  c`]);
});

test('a clipped line keeps its colours whole', () => {
  expect(clip(`ab${RED}cdef${END}`, 5)).toBe(`ab${RED}cd${END}…`);
  expect(clip('abc', 3)).toBe('abc');
});

test('nothing stands behind the last cell that shows something, not even a colour of nothing', () => {
  expect(
    inColumns([
      ['a', `${RED}${END}`],
      ['b', 'c'],
    ]),
  ).toEqual(['a', 'b  c']);
});
