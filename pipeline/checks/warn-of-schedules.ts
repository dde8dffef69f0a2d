import { clockWarnings, type ClockWarning } from '../../triggers/clock-warnings.ts';
import { needsBothDays, readCron } from '../../triggers/cron.ts';
import type { Calendar, Schedule } from '../../triggers/schedule.ts';
import type { PipelineDefinition } from '../definition.ts';
import type { Finding, Path } from '../document.ts';
import { scheduleOf } from '../schedule-of.ts';
import type { ScheduleTrigger } from '../schedule-trigger.ts';

/** What is sound about schedules, and may still surprise. */
export function warnOfSchedules({ triggers = {} }: PipelineDefinition, now: Date): Finding[] {
  return Object.entries(triggers).flatMap(([name, { schedule }]) => {
    if (!schedule) return [];
    const path = ['triggers', name, 'schedule'];
    return [
      ...bothDays(schedule, path),
      ...clockChanges(schedule, scheduleOf(schedule), path, now),
      ...onlyFirst(schedule, path),
    ];
  });
}

function bothDays({ cron = [] }: ScheduleTrigger, path: Path): Finding[] {
  const texts = typeof cron === 'string' ? [cron] : cron;
  return texts.flatMap((text, index) => {
    const { calendar } = readCron(text);
    if (!calendar || !needsBothDays(calendar)) return [];
    const message =
      'it fires only when the day of the month and the day of the week both match; classic cron needs one of them: write two crons for that';
    return [{ path: cronPath(path, cron, index), code: 'cron.both_days', message }];
  });
}

const CLOCK_TEXTS: Readonly<Record<ClockWarning['kind'], string>> = {
  skipped: 'is skipped by daylight saving: it does not fire then',
  doubled: 'comes twice because of daylight saving: it fires both times',
  missed:
    'comes twice because of daylight saving, and Temporal does not fire the second time: an interval, or the time zone UTC, does',
};

function clockChanges(
  definition: ScheduleTrigger,
  schedule: Schedule,
  path: Path,
  now: Date,
): Finding[] {
  return clockWarnings(schedule, now).map(({ kind, time, calendar }) => {
    const message = `${time} in ${schedule.timezone} ${CLOCK_TEXTS[kind]}`;
    return {
      path: pathOf(definition, schedule, calendar, path),
      code: `schedule.${kind}`,
      message,
    };
  });
}

function pathOf(
  { cron = [] }: ScheduleTrigger,
  { calendars }: Schedule,
  calendar: Calendar,
  path: Path,
): Path {
  const place = calendars.indexOf(calendar);
  const crons = typeof cron === 'string' ? 1 : cron.length;
  if (place < crons) return cronPath(path, cron, place);
  return [...path, 'calendars', place - crons];
}

function cronPath(path: Path, cron: NonNullable<ScheduleTrigger['cron']>, index: number): Path {
  return [...path, 'cron', ...(typeof cron === 'string' ? [] : [index])];
}

function onlyFirst({ catchup, overlap }: ScheduleTrigger, path: Path): Finding[] {
  if (catchup !== 'all' || overlap !== 'skip') return [];
  const message =
    'after an outage only the first missed run starts, and the others are skipped: write buffer_all to catch up with all';
  return [{ path: [...path, 'overlap'], code: 'schedule.overlap', message }];
}
