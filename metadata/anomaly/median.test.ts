import fc from 'fast-check';
import { expect, test } from 'vitest';
import { medianSpread } from './median.ts';

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return ((low ?? NaN) + (high ?? NaN)) / 2;
}

const Ascending = fc
  .array(fc.integer({ min: 0, max: 50 }), { minLength: 2, maxLength: 40 })
  .map((values) => values.toSorted((one, other) => one - other));

test('median and deviation are those of all values but the one left out', () => {
  fc.assert(
    fc.property(Ascending, fc.nat(40), (ascending, except) => {
      const rest = ascending.filter((_, at) => at !== except);
      const centre = median(rest);
      const distance = median(rest.map((value) => Math.abs(value - centre)));
      const spread = medianSpread(ascending, except);
      expect(spread.count).toBe(rest.length);
      expect(spread.centre).toBe(centre);
      expect(spread.deviation).toBeCloseTo(1.4826 * distance, 10);
    }),
  );
});

test('one outlier in ten hardly moves it', () => {
  const { centre, deviation } = medianSpread([8, 9, 9, 10, 10, 10, 11, 11, 12, 1_000_000]);
  expect(centre).toBe(10);
  expect(deviation).toBeCloseTo(1.4826, 4);
});

test('when more than half of the values are the same there is no deviation', () => {
  expect(medianSpread([1, 5, 5, 5, 9]).deviation).toBe(0);
});

test('without values there is nothing to say', () => {
  expect(medianSpread([])).toEqual({ count: 0, centre: 0, deviation: 0 });
  expect(medianSpread([3], 0)).toEqual({ count: 0, centre: 0, deviation: 0 });
});
