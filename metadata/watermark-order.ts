export type WatermarkType = 'date' | 'number' | 'text';

/**
 * Which of two watermarks lies further on: negative when `a` is the smaller one, positive when it is the
 * greater one, 0 when they are the same place. Without a type both must be numbers, or both dates: what
 * else somebody reports has no order. Undefined: there is no order between these two.
 */
export function compareWatermarks(
  a: string,
  b: string,
  type: WatermarkType | null,
): number | undefined {
  if (a === b) return 0;
  if (type === 'text') return compareTexts(a, b);
  const number = type === 'date' ? undefined : compareBy(parseNumber, a, b);
  return number ?? (type === 'number' ? undefined : compareBy(parseTime, a, b));
}

/**
 * The smallest of these places; nothing comes before everything else, and where there is no order the
 * later one of the list counts.
 */
export function lowestWatermark(
  values: readonly [string | null, ...(string | null)[]],
  type: WatermarkType | null,
): string | null {
  return values.reduce((lowest, value) => {
    if (lowest === null || value === null) return null;
    return (compareWatermarks(lowest, value, type) ?? 1) <= 0 ? lowest : value;
  });
}

/** Whether a value can be a watermark of this type; without a type any can. */
export function isWatermark(value: string, type: WatermarkType | null): boolean {
  if (type === 'number') return parseNumber(value) !== undefined;
  if (type === 'date') return parseTime(value) !== undefined;
  return true;
}

/** A place on a line: whole units, and what is left over. Both parts decide, in this order. */
interface Place {
  readonly whole: bigint | number;
  readonly rest: bigint;
}

function compareBy(
  parse: (text: string) => Place | undefined,
  a: string,
  b: string,
): number | undefined {
  const [left, right] = [parse(a), parse(b)];
  if (!left || !right) return undefined;
  return sign(left.whole, right.whole) || sign(left.rest, right.rest);
}

function sign(a: bigint | number, b: bigint | number): number {
  if (a < b) return -1;
  return a > b ? 1 : 0;
}

const NUMBER = /^([+-]?)(\d+)(?:\.(\d*))?(?:e([+-]?\d{1,3}))?$/i;
const ENDLESS = /^([+-]?)inf(?:inity)?$/i;
/** More digits than any number has that fits into a watermark, whatever its exponent. */
const SCALE = 1_100;

/** Exact: neither a long integer nor a decimal loses a digit. */
function parseNumber(text: string): Place | undefined {
  const endless = parseEndless(text);
  if (endless) return endless;
  const [, minus, whole, fraction = '', exponent = '0'] = NUMBER.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const digits = BigInt(whole + fraction);
  const shift = BigInt(SCALE + Number(exponent) - fraction.length);
  return { whole: (minus === '-' ? -digits : digits) * 10n ** shift, rest: 0n };
}

/** Postgres, DuckDB and Python have values before and after all others. */
function parseEndless(text: string): Place | undefined {
  const found = ENDLESS.exec(text);
  return found ? { whole: found[1] === '-' ? -Infinity : Infinity, rest: 0n } : undefined;
}

const TIME =
  /^(\d{4,6})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?(?: ?(Z|UTC|[+-]\d\d(?::?\d\d)?))?$/i;

/** ISO 8601, to the nanosecond. A date is its first moment; without an offset it is UTC. */
function parseTime(text: string): Place | undefined {
  const endless = parseEndless(text);
  if (endless) return endless;
  const found = TIME.exec(text);
  if (!found) return undefined;
  const [year, month, day, hour, minute, second] = found
    .slice(1, 7)
    .map((part) => Number((part as string | undefined) ?? 0)) as Six;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const isDay = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  if (!isDay || hour > 23 || minute > 59 || second > 60) return undefined;
  const minutes = hour * 60 + minute - offsetMinutes(found[8] ?? 'Z');
  return {
    whole: date.getTime() / 1000 + minutes * 60 + second,
    rest: BigInt((found[7] ?? '').padEnd(9, '0')),
  };
}

type Six = [number, number, number, number, number, number];

function offsetMinutes(text: string): number {
  const [, minus, hours, minutes = '0'] = /^([+-])(\d\d):?(\d\d)?$/.exec(text) ?? [];
  if (hours === undefined) return 0;
  const total = Number(hours) * 60 + Number(minutes);
  return minus === '-' ? -total : total;
}

/** By code points, like DuckDB's and Postgres's "C" order; JavaScript's own goes by UTF-16 units. */
function compareTexts(a: string, b: string): number {
  const [left, right] = [Array.from(a), Array.from(b)];
  const at = left.findIndex((character, index) => character !== right[index]);
  if (at < 0) return left.length - right.length;
  return (left[at]?.codePointAt(0) ?? 0) - (right[at]?.codePointAt(0) ?? -1);
}
