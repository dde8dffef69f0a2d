import type { Rule } from './rule.ts';
import type { Spread } from './spread.ts';

/** A value outside of what its baseline lets one expect. */
export interface Odd {
  readonly value: number;
  readonly zScore: number;
  readonly min: number;
  readonly max: number;
  readonly baseline: Spread;
}

/** `unknown`: the baseline is too small, or all its values are the same. */
export type Verdict = Odd | 'normal' | 'unknown';

type Limits = Pick<Rule, 'zThreshold' | 'minimumExecutions'>;

/** The limits themselves are normal. No metric can be below zero, so neither can the lower limit. */
export function judge({ zThreshold, minimumExecutions }: Limits, value: number, baseline: Spread) {
  const { count, centre, deviation } = baseline;
  if (count < minimumExecutions || deviation === 0) return 'unknown';
  const min = Math.max(0, centre - zThreshold * deviation);
  const max = centre + zThreshold * deviation;
  if (value >= min && value <= max) return 'normal';
  return { value, zScore: (value - centre) / deviation, min, max, baseline };
}

export function isOdd(verdict: Verdict): verdict is Odd {
  return typeof verdict === 'object';
}
