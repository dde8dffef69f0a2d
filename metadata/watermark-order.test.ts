import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareWatermarks, isWatermark, lowestWatermark } from './watermark-order.ts';

test.for([
  ['9', '10'],
  ['-10', '-9'],
  ['-0.5', '0'],
  ['9007199254740992', '9007199254740993'],
  ['99999999999999999999999999999999999998', '99999999999999999999999999999999999999'],
  ['1e2', '100.0000000000000000001'],
  ['1.9', '1.10000000001e1'],
  ['-inf', '-1e308'],
  ['1e308', 'inf'],
] as const)('as numbers %s comes before %s', ([a, b]) => {
  expect(compareWatermarks(a, b, 'number')).toBeLessThan(0);
  expect(compareWatermarks(b, a, 'number')).toBeGreaterThan(0);
});

test.for([
  ['2026-01-31', '2026-02-01'],
  ['2026-01-31', '2026-01-31T00:00:00.000000001'],
  ['2026-01-31T10:00:00.5', '2026-01-31T10:00:00.51'],
  ['2026-01-31T10:00:00+02:00', '2026-01-31T09:00:00Z'],
  ['2026-01-31 23:59:59-0030', '2026-02-01T00:30'],
  ['0001-01-01', '1970-01-01'],
  ['9999-12-31', '10000-01-01'],
  ['-infinity', '0001-01-01'],
] as const)('as dates %s comes before %s', ([a, b]) => {
  expect(compareWatermarks(a, b, 'date')).toBeLessThan(0);
  expect(compareWatermarks(b, a, 'date')).toBeGreaterThan(0);
});

test.for([
  ['2026-01-31', '2026-01-31T00:00:00Z', 'date'],
  ['2026-01-31T10:00:00+02:00', '2026-01-31 08:00', 'date'],
  ['1.50', '01.5', 'number'],
  ['1e3', '1000', 'number'],
  ['-0', '0', 'number'],
] as const)('%s and %s are the same place', ([a, b, type]) => {
  expect(compareWatermarks(a, b, type)).toBe(0);
});

test('texts come in the order of their code points, like in the databases', () => {
  expect(compareWatermarks('10', '9', 'text')).toBeLessThan(0);
  expect(compareWatermarks('ab', 'abc', 'text')).toBeLessThan(0);
  expect(compareWatermarks('\uffee', '\u{1f600}', 'text')).toBeLessThan(0);
});

test('without a type, what looks like numbers or dates has an order, and nothing else', () => {
  expect(compareWatermarks('9', '10', null)).toBeLessThan(0);
  expect(compareWatermarks('2026-01-09', '2026-01-10', null)).toBeLessThan(0);
  expect(compareWatermarks('2026-01-09', '10', null)).toBeUndefined();
  expect(compareWatermarks('a', 'b', null)).toBeUndefined();
  expect(compareWatermarks('a', 'a', null)).toBe(0);
});

test('what its type does not know has no order', () => {
  expect(compareWatermarks('2026-01-09', '10', 'number')).toBeUndefined();
  expect(compareWatermarks('2026-02-30', '2026-03-01', 'date')).toBeUndefined();
  expect(isWatermark('2026-02-30', 'date')).toBe(false);
  expect(isWatermark('2026-02-28T25:00', 'date')).toBe(false);
  expect(isWatermark('1e9999', 'number')).toBe(false);
  expect(isWatermark('anything', 'text')).toBe(true);
});

test('the lowest of several places; nothing comes first', () => {
  expect(lowestWatermark(['10', '9', '30'], 'number')).toBe('9');
  expect(lowestWatermark(['10', null, '9'], 'number')).toBeNull();
});

test('whole numbers come in the order of their values, however long they are', () => {
  fc.assert(
    fc.property(fc.bigInt(), fc.bigInt(), (a, b) => {
      const order = compareWatermarks(String(a), String(b), 'number') ?? NaN;
      return Math.sign(order) === (a < b ? -1 : a > b ? 1 : 0);
    }),
  );
});

test('what JavaScript writes of a number or a date comes in the order of their values', () => {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true });
  const date = fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true });
  fc.assert(
    fc.property(number, number, (a, b) => {
      const order = compareWatermarks(String(a), String(b), 'number') ?? NaN;
      return Math.sign(order) === (a < b ? -1 : a > b ? 1 : 0);
    }),
  );
  fc.assert(
    fc.property(date, date, (a, b) => {
      const order = compareWatermarks(a.toISOString(), b.toISOString(), 'date') ?? NaN;
      return Math.sign(order) === Math.sign(a.getTime() - b.getTime());
    }),
  );
});

test('any three texts have one order', () => {
  const unit = fc.constantFrom('\0', 'a', 'b', '\uffee', '\u{1f600}');
  const anyText = fc.string({ unit, maxLength: 4 });
  const order = (a: string, b: string) => compareWatermarks(a, b, 'text') ?? NaN;
  fc.assert(
    fc.property(anyText, anyText, anyText, (a, b, c) => {
      const opposite = Math.sign(order(a, b)) === -Math.sign(order(b, a));
      return opposite && !(order(a, b) <= 0 && order(b, c) <= 0 && order(a, c) > 0);
    }),
  );
});
