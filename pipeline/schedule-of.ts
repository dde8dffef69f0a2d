import type { Every, Schedule } from '../triggers/schedule.ts';
import { durationMs } from './duration.ts';
import { calendarsOf, skippedBy } from './schedule-calendars.ts';
import type { ScheduleTrigger } from './schedule-trigger.ts';

/** A checked schedule with every default filled in. */
export function scheduleOf(definition: ScheduleTrigger): Schedule {
  const { timezone, start, end, jitter, catchup, overlap, pause_after_failures } = definition;
  return {
    calendars: calendarsOf(definition),
    intervals: intervalsOf(definition.interval),
    skip: skippedBy(definition),
    timezone,
    ...(start !== undefined && { start }),
    ...(end !== undefined && { end }),
    jitterMs: jitter === undefined ? 0 : durationMs(jitter),
    catchup,
    catchupWindowMs: durationMs(definition.catchup_window),
    overlap: overlap ?? (catchup === 'all' ? 'buffer_all' : 'skip'),
    ...(pause_after_failures !== undefined && { pauseAfterFailures: pause_after_failures }),
  };
}

function intervalsOf(interval: ScheduleTrigger['interval']): Every[] {
  if (interval === undefined) return [];
  if (typeof interval === 'string') return [{ everyMs: durationMs(interval), offsetMs: 0 }];
  const { every, offset } = interval;
  return [{ everyMs: durationMs(every), offsetMs: offset === undefined ? 0 : durationMs(offset) }];
}
