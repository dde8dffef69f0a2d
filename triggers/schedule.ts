/** When a schedule fires. Times of the day and of the calendar are those of its time zone. */
export interface Schedule {
  /** Crons are calendars too: their `comment` is their text. */
  readonly calendars: readonly Calendar[];
  readonly intervals: readonly Every[];
  /** Never at times that match one of these. */
  readonly skip: readonly Calendar[];
  /** An IANA name. */
  readonly timezone: string;
  /** ISO 8601: not before this, and not after that. */
  readonly start?: string;
  readonly end?: string;
  /** Each start comes up to so much later, by chance. */
  readonly jitterMs: number;
  readonly catchup: Catchup;
  /** Fire times that were missed longer ago stay missed. */
  readonly catchupWindowMs: number;
  readonly overlap: Overlap;
  /** So many failed runs one after the other pause it. */
  readonly pauseAfterFailures?: number;
}

export const CATCHUPS = ['none', 'latest', 'all'] as const;
export type Catchup = (typeof CATCHUPS)[number];

export const OVERLAPS = [
  'skip',
  'buffer_one',
  'buffer_all',
  'cancel_other',
  'terminate_other',
  'allow_all',
] as const;
export type Overlap = (typeof OVERLAPS)[number];

/** Counted from midnight of 1970-01-01 UTC. */
export interface Every {
  readonly everyMs: number;
  readonly offsetMs: number;
}

/** A time matches when each of its parts is in one of that part's ranges. Sunday is 0, January is 1. */
export interface Calendar {
  readonly second: readonly Range[];
  readonly minute: readonly Range[];
  readonly hour: readonly Range[];
  readonly dayOfMonth: readonly Range[];
  readonly month: readonly Range[];
  /** Empty: every year. */
  readonly year: readonly Range[];
  readonly dayOfWeek: readonly Range[];
  readonly comment?: string;
}

export type CalendarPart = Exclude<keyof Calendar, 'comment'>;

/** From the start to the end, both included. */
export interface Range {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}
