import { CLOSED_STATES } from './run-state.ts';

export const BACKFILL_STATES = [
  'running',
  'paused',
  'cancelling',
  'succeeded',
  'failed',
  'cancelled',
  'terminated',
] as const;
export type BackfillState = (typeof BACKFILL_STATES)[number];

/** `pending`: no run of it has begun. */
export const INTERVAL_STATES = ['pending', 'running', ...CLOSED_STATES] as const;
export type IntervalState = (typeof INTERVAL_STATES)[number];
