import { expect, test } from 'vitest';
import { seenAs } from './seen.ts';

test.each([[true], [3], ['yes'], [{ a: 1 }], [['a']]])('%j is a yes, and is handed on', (value) => {
  expect(seenAs(value)).toEqual({ value });
});

test.each([[false], [null], [0], [''], [[]]])('%j is a no that says what came', (value) => {
  expect(seenAs(value)).toEqual({ notYet: `it answered ${JSON.stringify(value)}` });
});

test('nothing at all is a no', () => {
  expect(seenAs(undefined)).toEqual({ notYet: 'it answered nothing' });
});
