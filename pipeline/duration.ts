import * as z from 'zod';
import { says } from './says.ts';

const DURATION = /^(\d+(\.\d+)?(ms|s|m|h|d))+$/;
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;
const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const LONGEST_MS = 3650 * 86_400_000;
export const DURATION_TEXT = 'must be a duration such as 500ms, 10s, 5m, 1h30m or 2d';
const SAYS = says('duration.invalid', DURATION_TEXT);

/** Text such as `1h30m`: longer than nothing, and at most ten years. */
export const Duration = z
  .string(SAYS)
  .regex(DURATION, { ...SAYS, abort: true })
  .refine(
    (text) => durationMs(text) >= 1 && durationMs(text) <= LONGEST_MS,
    says('duration.invalid', 'must be at least 1ms and at most 3650d'),
  );

/** The milliseconds of a checked duration. */
export function durationMs(text: string): number {
  const parts = [...text.matchAll(PART)];
  return Math.round(
    parts.reduce((sum, [, number, unit]) => sum + Number(number) * (UNITS[unit ?? ''] ?? 0), 0),
  );
}

/** Writes milliseconds the way people write them: `1h30m`. */
export function durationText(ms: number): string {
  let rest = ms;
  let text = '';
  for (const unit of ['d', 'h', 'm', 's', 'ms']) {
    const size = UNITS[unit] ?? 1;
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text || '0ms';
}
