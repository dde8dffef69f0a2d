import { lastFireTime } from './fire-times.ts';
import type { Schedule } from './schedule.ts';

/** From the start up to, but without, the end. */
export interface DataInterval {
  readonly start: Date;
  readonly end: Date;
}

/**
 * The data that a scheduled run is about: from the fire time before up to its own; of a run between two
 * fire times, the last interval that is over. Times that are skipped bound no interval, so that nothing is
 * left out, and the first one begins where it would if the schedule had no start. Undefined: there are no two fire
 * times.
 */
export function dataIntervalOf(schedule: Schedule, at: Date): DataInterval | undefined {
  const { start: _start, end: _end, ...endless } = schedule;
  const end = lastFireTime(endless, new Date(at.getTime() + 1));
  const start = end && lastFireTime(endless, end);
  return start && { start, end };
}
