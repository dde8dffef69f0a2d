import { durationText } from '../../pipeline/duration.ts';

/** `1h30m`, to the second. */
export function span(ms: number): string {
  return durationText(Math.max(1_000, Math.round(ms / 1_000) * 1_000));
}
