import { anyOf, isAny, partText, readPart, type PartProblem } from './calendar-part.ts';
import type { Calendar, CalendarPart } from './schedule.ts';

const FIVE = ['minute', 'hour', 'dayOfMonth', 'month', 'dayOfWeek'] as const;
const SEVEN = ['second', ...FIVE, 'year'] as const;

const NICKNAMES: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

type Parsed = { readonly calendar: Calendar; readonly problem?: never };
type Refused = { readonly calendar?: never; readonly problem: PartProblem };

/**
 * Reads a cron of five parts, of seven (a second in front, a year behind), or a nickname such as `@daily`.
 * Where both days are given, both must match, as in Temporal.
 */
export function readCron(text: string): Parsed | Refused {
  const at = (message: string, offset = 0): Refused => ({ problem: { message, offset } });
  if (/^(CRON_)?TZ=/.test(text)) return at('give the time zone as timezone, beside cron');
  if (text.startsWith('@every')) return at('give a duration as interval instead of @every');
  const full = text.startsWith('@') ? NICKNAMES[text.toLowerCase()] : text;
  if (full === undefined) return at(`known are ${Object.keys(NICKNAMES).join(', ')}`);

  const words = [...full.matchAll(/\S+/g)];
  const parts = words.length === 7 ? SEVEN : FIVE;
  if (words.length !== parts.length) return at(countProblem(words.length));
  const found: Record<string, Calendar['minute']> = {};
  for (const [place, part] of parts.entries()) {
    const [word = '', start = 0] = [words[place]?.[0], words[place]?.index];
    const { ranges, problem } = readPart(part, word === '?' ? '*' : word);
    if (problem) return at(problem.message, start + problem.offset);
    found[part] = ranges;
  }
  return { calendar: calendarOf(found, text) };
}

function countProblem(count: number): string {
  const parts = 'minute, hour, day of month, month and day of week';
  return `a cron has five parts (${parts}), or seven with a second in front and a year behind; this has ${count}`;
}

/** What is left out is midnight of any day. */
export function calendarOf(
  parts: Partial<Record<CalendarPart, Calendar['minute']>>,
  comment: string | undefined,
): Calendar {
  const zero = [{ start: 0, end: 0, step: 1 }];
  return {
    second: parts.second ?? zero,
    minute: parts.minute ?? zero,
    hour: parts.hour ?? zero,
    dayOfMonth: parts.dayOfMonth ?? anyOf('dayOfMonth'),
    month: parts.month ?? anyOf('month'),
    year: parts.year ?? anyOf('year'),
    dayOfWeek: parts.dayOfWeek ?? anyOf('dayOfWeek'),
    ...(comment !== undefined && { comment }),
  };
}

/** The cron that names a calendar's times: of five parts, where those say it all. */
export function cronText(calendar: Calendar): string {
  const texts = SEVEN.map((part) => partText(part, calendar[part]));
  const isFive = texts[0] === '0' && texts.at(-1) === '*';
  return (isFive ? texts.slice(1, -1) : texts).join(' ');
}

/** Classic cron takes either day, Temporal both: worth a warning. */
export function needsBothDays({ dayOfMonth, dayOfWeek }: Calendar): boolean {
  return !isAny('dayOfMonth', dayOfMonth) && !isAny('dayOfWeek', dayOfWeek);
}
