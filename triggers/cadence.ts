import { Fault } from '../runtime/fault.ts';

/** A step from one interval to the next: so much time on every clock, or so many days or months of a calendar. */
export type Cadence =
  | { readonly kind: 'clock'; readonly ms: number }
  | { readonly kind: 'days'; readonly count: number }
  | { readonly kind: 'months'; readonly count: number };

const CLOCK = /^(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/;
const CALENDAR = /^(?:(\d{1,4}) ?)?(d|days?|w|weeks?|mo|months?|quarters?|y|years?)$/;

/** Reads `15m`, `1h30m`, `1d`, `2 weeks`, `month`, `1 quarter`; else fails with `backfill.invalid`. */
export function readCadence(text: string): Cadence {
  const [, hours = 0, minutes = 0, seconds = 0] = CLOCK.exec(text) ?? [];
  const ms = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000;
  if (ms > 0) return { kind: 'clock', ms };
  const [, number = '1', unit] = CALENDAR.exec(text) ?? [];
  const count = Number(number);
  if (unit === undefined || count === 0) throw noCadence(text);
  return inUnits(unit, count);
}

function inUnits(unit: string, count: number): Cadence {
  if (unit.startsWith('d')) return { kind: 'days', count };
  if (unit.startsWith('w')) return { kind: 'days', count: count * 7 };
  if (unit.startsWith('m')) return { kind: 'months', count };
  return { kind: 'months', count: count * (unit.startsWith('q') ? 3 : 12) };
}

function noCadence(text: string): Fault {
  const examples = '15m, 1h, 1d, 1w, 1 month, 1 quarter or 1 year';
  return new Fault('backfill.invalid', `"${text}" is no step: write one such as ${examples}`);
}
