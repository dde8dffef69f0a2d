import { readPart } from '../../triggers/calendar-part.ts';
import { readCron } from '../../triggers/cron.ts';
import { nextFireTime } from '../../triggers/fire-times.ts';
import { isTimezone, momentOf } from '../../triggers/schedule-bounds.ts';
import type { Check } from '../check.ts';
import type { Finding, Path } from '../document.ts';
import { Duration, durationMs, DURATION_TEXT } from '../duration.ts';
import { isDay, PART_NAMES, PARTS } from '../schedule-calendars.ts';
import { scheduleOf } from '../schedule-of.ts';
import type { CalendarDefinition, ScheduleTrigger } from '../schedule-trigger.ts';

/** Temporal gives up no missed fire time sooner, and counts in seconds. */
const LEAST_MS = 10_000;
const SECOND_MS = 1_000;

/** Everything about the times of a schedule can be read, and there is at least one of them. */
export const checkSchedules: Check = ({ definition, damagedTriggers }) =>
  Object.entries(definition.triggers ?? {}).flatMap(([name, { schedule }]) => {
    if (!schedule) return [];
    const path = ['triggers', name, 'schedule'];
    const findings = [
      ...(damagedTriggers.has(name) ? [] : empty(schedule, path)),
      ...crons(schedule, path),
      ...calendars(schedule, path),
      ...skipped(schedule, path),
      ...zone(schedule, path),
      ...bounds(schedule, path),
      ...durations(schedule, path),
    ];
    const isWhole = findings.length === 0 && !damagedTriggers.has(name);
    return isWhole ? never(schedule, path) : findings;
  });

function empty({ cron, interval, calendars }: ScheduleTrigger, path: Path): Finding[] {
  if (cron !== undefined || interval !== undefined || calendars) return [];
  const message = 'a schedule needs cron, interval or calendars';
  return [{ path, at: 'key', code: 'key.missing', message }];
}

function crons({ cron = [] }: ScheduleTrigger, path: Path): Finding[] {
  const texts = typeof cron === 'string' ? [cron] : cron;
  return texts.flatMap((text, index): Finding[] => {
    const { problem } = readCron(text);
    if (!problem) return [];
    return [
      {
        path: [...path, 'cron', ...(typeof cron === 'string' ? [] : [index])],
        within: text.slice(problem.offset),
        code: 'cron.invalid',
        message: problem.message,
      },
    ];
  });
}

function calendars({ calendars = [] }: ScheduleTrigger, path: Path): Finding[] {
  return calendars.flatMap((calendar, index) => parts(calendar, [...path, 'calendars', index]));
}

function skipped({ skip = [] }: ScheduleTrigger, path: Path): Finding[] {
  return skip.flatMap((entry, index) => {
    const at = [...path, 'skip', index];
    if (typeof entry !== 'string') return parts(entry, at);
    if (isDay(entry)) return [];
    const message = `"${entry}" is no day: write one such as 2026-12-25, or a calendar`;
    return [{ path: at, code: 'schedule.invalid', message }];
  });
}

function parts(calendar: CalendarDefinition, path: Path): Finding[] {
  return PART_NAMES.flatMap((name): Finding[] => {
    const value = calendar[name];
    if (value === undefined) return [];
    const { problem } = readPart(PARTS[name], String(value));
    if (!problem) return [];
    const within = String(value).slice(problem.offset);
    return [{ path: [...path, name], within, code: 'calendar.invalid', message: problem.message }];
  });
}

function zone({ timezone }: ScheduleTrigger, path: Path): Finding[] {
  if (isTimezone(timezone)) return [];
  const message = `there is no time zone "${timezone}": write one such as Europe/Berlin or UTC`;
  return [{ path: [...path, 'timezone'], code: 'timezone.unknown', message }];
}

function bounds({ start, end, timezone }: ScheduleTrigger, path: Path): Finding[] {
  if (!isTimezone(timezone)) return [];
  const findings: Finding[] = [];
  const read = (key: 'start' | 'end', text: string | undefined): number | undefined => {
    if (text === undefined) return undefined;
    try {
      return momentOf(text, timezone);
    } catch {
      const message = `"${text}" is no time: write one such as 2026-01-31 or 2026-01-31T12:00`;
      findings.push({ path: [...path, key], code: 'schedule.invalid', message });
      return undefined;
    }
  };
  const [from, to] = [read('start', start), read('end', end)];
  if (from !== undefined && to !== undefined && to <= from) {
    const message = `"end" does not come after start (${start ?? ''})`;
    findings.push({ path: [...path, 'end'], code: 'schedule.invalid', message });
  }
  return findings;
}

function durations({ interval, catchup_window }: ScheduleTrigger, path: Path): Finding[] {
  const findings: Finding[] = [];
  const invalid = (at: readonly string[], message: string) => {
    findings.push({ path: [...path, ...at], code: 'duration.invalid', message });
  };
  const [every, at] =
    typeof interval === 'string'
      ? [interval, ['interval']]
      : [interval?.every, ['interval', 'every']];
  if (typeof interval === 'string' && !Duration.safeParse(interval).success) {
    invalid(at, `"interval" ${DURATION_TEXT}, or a map of every and offset`);
    return findings;
  }
  if (every !== undefined && durationMs(every) % SECOND_MS !== 0) {
    invalid(at, 'an interval is made of whole seconds');
  }
  const offset = typeof interval === 'string' ? undefined : interval?.offset;
  if (offset !== undefined && durationMs(offset) % SECOND_MS !== 0) {
    invalid(['interval', 'offset'], 'an offset is made of whole seconds');
  }
  if (every !== undefined && offset !== undefined && durationMs(offset) >= durationMs(every)) {
    invalid(['interval', 'offset'], `the offset must be less than every (${every})`);
  }
  if (durationMs(catchup_window) < LEAST_MS) {
    invalid(['catchup_window'], 'the window must be at least 10s');
  }
  return findings;
}

/** Such as the 30th of February. */
function never(definition: ScheduleTrigger, path: Path): Finding[] {
  const { start: _start, end: _end, ...endless } = scheduleOf(definition);
  if (nextFireTime(endless, new Date(0))) return [];
  const message = 'this schedule never fires: no time matches all of its parts';
  return [{ path, at: 'key', code: 'schedule.never', message }];
}
