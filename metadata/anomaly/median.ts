import type { Spread } from './spread.ts';

/**
 * Makes the median absolute deviation of normally distributed values equal to their standard deviation:
 * 1 / Φ⁻¹(3/4) (Rousseeuw and Croux, "Alternatives to the median absolute deviation", 1993).
 */
const MAD_TO_SD = 1.4826;

/** The median and the scaled median absolute deviation of ascending values, but for the one at `except`. */
export function medianSpread(ascending: readonly number[], except?: number): Spread {
  const skipped = except ?? ascending.length;
  const count = ascending.length - (skipped < ascending.length ? 1 : 0);
  const valueAt = (at: number) => ascending[at < skipped ? at : at + 1] ?? NaN;
  if (count === 0) return { count, centre: 0, deviation: 0 };
  const centre = (valueAt((count - 1) >> 1) + valueAt(count >> 1)) / 2;
  return { count, centre, deviation: MAD_TO_SD * medianDistance(valueAt, count, centre) };
}

/** Distances grow from the centre outward on both sides, so the middle ones are found without sorting. */
function medianDistance(valueAt: (at: number) => number, count: number, centre: number): number {
  let right = firstNotBelow(valueAt, count, centre);
  let left = right - 1;
  let [last, current] = [0, 0];
  for (let taken = 0; taken <= count >> 1; taken++) {
    const toLeft = left >= 0 ? centre - valueAt(left) : Infinity;
    const toRight = right < count ? valueAt(right) - centre : Infinity;
    [last, current] = [current, Math.min(toLeft, toRight)];
    if (toLeft <= toRight) left--;
    else right++;
  }
  return count % 2 === 1 ? current : (last + current) / 2;
}

/** Where this value is, or would be, among ascending ones. */
export function firstNotBelow(
  valueAt: (at: number) => number,
  count: number,
  value: number,
): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (valueAt(middle) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
