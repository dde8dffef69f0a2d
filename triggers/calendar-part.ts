import type { CalendarPart, Range } from './schedule.ts';

interface Bounds {
  readonly says: string;
  readonly least: number;
  readonly most: number;
  readonly names?: readonly string[];
}

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const MONTHS = [
  ...['jan', 'feb', 'mar', 'apr', 'may', 'jun'],
  ...['jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
];

const BOUNDS: Readonly<Record<CalendarPart, Bounds>> = {
  second: { says: 'a second', least: 0, most: 59 },
  minute: { says: 'a minute', least: 0, most: 59 },
  hour: { says: 'an hour', least: 0, most: 23 },
  dayOfMonth: { says: 'a day of the month', least: 1, most: 31 },
  month: { says: 'a month', least: 1, most: 12, names: ['', ...MONTHS] },
  dayOfWeek: { says: 'a day of the week', least: 0, most: 7, names: DAYS },
  year: { says: 'a year', least: 2000, most: 2100 },
};

/** Why a text can't be used, and which of its letters are to blame. */
export interface PartProblem {
  readonly message: string;
  readonly offset: number;
}

type Parsed = { readonly ranges: readonly Range[]; readonly problem?: never };
type Refused = { readonly ranges?: never; readonly problem: PartProblem };

/**
 * Reads one part of a cron or a calendar: `*`, `5`, `9-17`, `mon-fri`, `10/20`, and lists of
 * them. 0 and 7 are both Sunday.
 */
export function readPart(part: CalendarPart, text: string): Parsed | Refused {
  if (text === '*') return { ranges: anyOf(part) };
  const ranges: Range[] = [];
  let offset = 0;
  for (const item of text.split(',')) {
    const found = readItem(BOUNDS[part], item);
    if (typeof found === 'string') return { problem: { message: found, offset } };
    ranges.push(...(part === 'dayOfWeek' ? sundayFirst(found) : [found]));
    offset += item.length + 1;
  }
  return { ranges };
}

/** Everything that a part can be. */
export function anyOf(part: CalendarPart): readonly Range[] {
  if (part === 'year') return [];
  const { least, most } = BOUNDS[part];
  return [{ start: least, end: part === 'dayOfWeek' ? 6 : most, step: 1 }];
}

/** Whether a part leaves nothing out. */
export function isAny(part: CalendarPart, ranges: readonly Range[]): boolean {
  const [all] = anyOf(part);
  if (!all) return ranges.length === 0;
  return ranges.some(({ start, end, step }) => start <= all.start && end >= all.end && step === 1);
}

/** Writes a part so that `readPart` reads the same from it. */
export function partText(part: CalendarPart, ranges: readonly Range[]): string {
  if (isAny(part, ranges)) return '*';
  return ranges.map((range) => rangeText(range, anyOf(part)[0])).join(',');
}

function rangeText({ start, end, step }: Range, all: Range | undefined): string {
  const by = step === 1 ? '' : `/${step}`;
  if (start === all?.start && end === all.end) return `*${by}`;
  return start === end ? String(start) : `${start}-${end}${by}`;
}

export function matches(ranges: readonly Range[], value: number): boolean {
  return ranges.some(
    ({ start, end, step }) => value >= start && value <= end && (value - start) % step === 0,
  );
}

function readItem(bounds: Bounds, item: string): Range | string {
  const { least, most, says } = bounds;
  const [, from = '', to, by] = /^(\*|\w+)(?:-(\w+))?(?:\/(\d+))?$/.exec(item) ?? [];
  if (from === '' || (from === '*' && to !== undefined)) return `"${item}" is not ${says}`;
  const start = from === '*' ? least : valueOf(bounds, from);
  const last = to === undefined ? undefined : valueOf(bounds, to);
  const end = last ?? (from === '*' || by !== undefined ? most : start);
  for (const [text, value] of [
    [from, start],
    [to, end],
  ] as const) {
    if (value === undefined) return `"${text ?? ''}" is not ${says}: ${least} to ${most}`;
  }
  if (start === undefined || end === undefined) return `"${item}" is not ${says}`;
  if (end < start) return `"${item}" ends before it begins: write two ranges, with a comma between`;
  const step = by === undefined ? 1 : Number(by);
  if (step < 1 || step > most) return `"/${by ?? ''}" is no step between 1 and ${most}`;
  return { start, end, step };
}

function valueOf({ least, most, names = [] }: Bounds, text: string): number | undefined {
  const named = names.indexOf(text.toLowerCase().slice(0, 3));
  const isName = named >= least && NAMES.has(text.toLowerCase());
  const value = isName ? named : /^\d+$/.test(text) ? Number(text) : NaN;
  return value >= least && value <= most ? value : undefined;
}

const NAMES: ReadonlySet<string> = new Set([
  ...DAYS,
  ...MONTHS,
  ...['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'],
  ...['january', 'february', 'march', 'april', 'june', 'july', 'august', 'september'],
  ...['october', 'november', 'december'],
]);

/** A Sunday that is written as 7 becomes 0. */
function sundayFirst({ start, end, step }: Range): Range[] {
  if (end < 7) return [{ start, end, step }];
  if (start === 0) return [{ start: 0, end: 6, step }];
  const isSunday = (7 - start) % step === 0;
  return [
    ...(isSunday ? [{ start: 0, end: 0, step: 1 }] : []),
    ...(start < 7 ? [{ start, end: 6, step }] : []),
  ];
}
