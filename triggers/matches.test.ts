import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isOfRule } from './matches.ts';

const event = (type: string, source = 'shop') => ({ type, source });

test.each([
  ['com.shop.paid', 'com.shop.paid', true],
  ['com.shop.paid', 'com.shop.paid.late', false],
  ['com.shop.*', 'com.shop.paid', true],
  ['com.shop.*', 'com.shop.paid.late', true],
  ['com.shop.*', 'com.shop', false],
  ['com.shop.*', 'com.shop.', false],
  ['com.shop.*', 'com.shopping', false],
])('%s and %s: %s', (wanted, type, matches) => {
  expect(isOfRule({ type: wanted }, event(type))).toBe(matches);
});

test('a source that is named must be the same', () => {
  expect(isOfRule({ source: 'shop' }, event('a'))).toBe(true);
  expect(isOfRule({ source: 'shop' }, event('a', 'shop/2'))).toBe(false);
});

test('whatever a type is, it matches itself and its own beginning', () => {
  const word = fc.stringMatching(/^[a-z]{1,8}$/);
  const types = fc.array(word, { minLength: 2, maxLength: 5 });
  fc.assert(
    fc.property(types, fc.nat(3), (words, at) => {
      const type = words.join('.');
      const beginning = `${words.slice(0, 1 + (at % (words.length - 1))).join('.')}.*`;
      return isOfRule({ type }, event(type)) && isOfRule({ type: beginning }, event(type));
    }),
  );
});
