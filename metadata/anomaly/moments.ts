import type { Spread } from './spread.ts';

/** Mean and deviation of many values, which can be merged without seeing the values again. */
export interface Moments {
  readonly count: number;
  readonly mean: number;
  /** The sum of the squared distances from the mean. */
  readonly squares: number;
  readonly min: number;
  readonly max: number;
}

export const NO_VALUES: Moments = { count: 0, mean: 0, squares: 0, min: Infinity, max: -Infinity };

export function momentsOf(value: number): Moments {
  return { count: 1, mean: value, squares: 0, min: value, max: value };
}

/**
 * The moments of both together (Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for
 * computing sample variances", 1979). It only ever adds squares, so nothing cancels out.
 */
export function merge(one: Moments, other: Moments): Moments {
  if (one.count === 0) return other;
  if (other.count === 0) return one;
  const count = one.count + other.count;
  const distance = other.mean - one.mean;
  return {
    count,
    mean: one.mean + (distance * other.count) / count,
    squares:
      one.squares + other.squares + distance * distance * ((one.count * other.count) / count),
    min: Math.min(one.min, other.min),
    max: Math.max(one.max, other.max),
  };
}

/** Mean and sample standard deviation (n − 1): exactly 0 when all values are the same. */
export function meanSpread({ count, mean, squares, min, max }: Moments): Spread {
  const deviation = count < 2 || min === max ? 0 : Math.sqrt(squares / (count - 1));
  return { count, centre: mean, deviation };
}
