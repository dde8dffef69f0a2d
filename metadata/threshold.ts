/** The units of a threshold; months and years follow the calendar. */
export type DatePart = 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year';

export interface Threshold {
  /** At least 1. */
  readonly number: number;
  readonly datepart: DatePart;
}

/** A threshold, and whether the pipeline itself or its type sets it. */
export interface EffectiveThreshold extends Threshold {
  readonly from: 'pipeline' | 'type';
}

/** As they are stored: a threshold needs both. */
export interface ThresholdColumns {
  readonly number: number | null;
  readonly datepart: string | null;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const FIXED_MS = {
  minute: MINUTE_MS,
  hour: 60 * MINUTE_MS,
  day: DAY_MS,
  week: 7 * DAY_MS,
} as const;
const MONTHS = { month: 1, year: 12 } as const;
const SHORTEST_MONTH_MS = 28 * DAY_MS;
/** Dates end in the year 275760, and nobody waits that long: a longer threshold counts as 1,000 years. */
const LONGEST_MONTHS = 12_000;
const LONGEST_MS = 365_000 * DAY_MS;

/** No threshold is shorter. */
export const SHORTEST_THRESHOLD_MS = MINUTE_MS;

/** A pipeline's own setting wins over its type's, when both its number and its part are set. */
export function effectiveThreshold(
  own: ThresholdColumns,
  ofType: ThresholdColumns,
): EffectiveThreshold | null {
  return complete(own, 'pipeline') ?? complete(ofType, 'type');
}

function complete(
  { number, datepart }: ThresholdColumns,
  from: EffectiveThreshold['from'],
): EffectiveThreshold | null {
  if (number === null || number < 1 || !isDatePart(datepart)) return null;
  return { number, datepart, from };
}

function isDatePart(text: string | null): text is DatePart {
  return text !== null && (text in FIXED_MS || text in MONTHS);
}

/**
 * The moment that lies a threshold after another, in UTC. A day that a month lacks becomes its last:
 * a month after 31 January is 28 or 29 February, as pendulum has it.
 */
export function deadlineAfter(start: Date, { number, datepart }: Threshold): Date {
  if (datepart === 'month' || datepart === 'year') {
    return addMonths(start, Math.min(number * MONTHS[datepart], LONGEST_MONTHS));
  }
  return new Date(start.getTime() + Math.min(number * FIXED_MS[datepart], LONGEST_MS));
}

function addMonths(start: Date, months: number): Date {
  const moved = new Date(start);
  moved.setUTCDate(1);
  moved.setUTCMonth(moved.getUTCMonth() + months);
  const lastDay = new Date(moved);
  lastDay.setUTCMonth(lastDay.getUTCMonth() + 1, 0);
  moved.setUTCDate(Math.min(start.getUTCDate(), lastDay.getUTCDate()));
  return moved;
}

/** At least this long, whatever the months: what began later can't be past its deadline yet. */
export function shortestMs({ number, datepart }: Threshold): number {
  if (datepart === 'month' || datepart === 'year') {
    return Math.min(number * MONTHS[datepart], LONGEST_MONTHS) * SHORTEST_MONTH_MS;
  }
  return Math.min(number * FIXED_MS[datepart], LONGEST_MS);
}

/** `1 hour`, `2 hours`. */
export function thresholdText({ number, datepart }: Threshold): string {
  return `${number} ${datepart}${number === 1 ? '' : 's'}`;
}

/**
 * A span in the unit of a threshold, such as `30 minutes`; at most two decimals. A month counts 30 days
 * here, a year 365.
 */
export function spanInUnit(ms: number, datepart: DatePart): string {
  const unit = { ...FIXED_MS, month: 30 * DAY_MS, year: 365 * DAY_MS }[datepart];
  const number = Math.round((ms / unit) * 100) / 100;
  return `${number} ${datepart}${number === 1 ? '' : 's'}`;
}
