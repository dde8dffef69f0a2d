import fc from 'fast-check';
import { expect, test } from 'vitest';
import { meanSpread, merge, momentsOf, NO_VALUES, type Moments } from './moments.ts';

const all = (values: readonly number[]): Moments => values.map(momentsOf).reduce(merge, NO_VALUES);

/** Exact up to the last division and the root: whole numbers, added as such. */
function exactSpread(values: readonly number[]) {
  const count = BigInt(values.length);
  const sum = values.reduce((total, value) => total + BigInt(value), 0n);
  const squares = values.reduce((total, value) => total + (count * BigInt(value) - sum) ** 2n, 0n);
  const variance = Number(squares) / Number(count * count) / (values.length - 1);
  return { mean: Number(sum) / values.length, deviation: Math.sqrt(variance) };
}

const Values = fc.array(fc.integer({ min: 0, max: 2 ** 31 }), { minLength: 2, maxLength: 60 });

test('moments merged from any two parts are those of the whole', () => {
  fc.assert(
    fc.property(Values, fc.nat(60), (values, cut) => {
      const merged = merge(all(values.slice(0, cut)), all(values.slice(cut)));
      const { count, centre, deviation } = meanSpread(merged);
      const exact = exactSpread(values);
      expect(count).toBe(values.length);
      expect(centre).toBeCloseTo(exact.mean, 4);
      expect(Math.abs(deviation - exact.deviation)).toBeLessThanOrEqual(1e-9 * exact.deviation);
    }),
  );
});

test('equal values have no deviation at all, however many and however odd to write in binary', () => {
  const tenths = Array.from({ length: 100_000 }, () => 0.1);
  expect(meanSpread(all(tenths))).toEqual({ count: 100_000, centre: 0.1, deviation: 0 });
});

test('a tiny deviation around a huge value is kept', () => {
  const values = Array.from({ length: 100_000 }, (_, at) => 1e12 + (at % 2));
  const { centre, deviation } = meanSpread(all(values));
  expect(centre).toBeCloseTo(1e12 + 0.5, 3);
  expect(deviation).toBeCloseTo(0.5, 5);
});

test('one value alone has no deviation, and none have no centre to speak of', () => {
  expect(meanSpread(momentsOf(7))).toEqual({ count: 1, centre: 7, deviation: 0 });
  expect(meanSpread(NO_VALUES)).toEqual({ count: 0, centre: 0, deviation: 0 });
});
