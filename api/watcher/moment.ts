const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[t _](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(z|[+-]\d\d(?::?\d\d)?)?)?$/i;
const EPOCH = /^[+-]?\d+(?:\.\d+)?$/;
/** Pydantic reads greater numbers as milliseconds. */
const LAST_SECOND = 2e10;
const YEAR_0001_MS = -62_135_596_800_000;
const YEAR_10000_MS = 253_402_300_800_000;

/**
 * A point in time as ISO 8601 with its offset and at most microseconds, which Postgres keeps; undefined when the
 * input is none. Numbers are seconds since 1970, or milliseconds past 2e10; what has no offset is UTC.
 */
export function readMoment(input: unknown): string | undefined {
  if (typeof input === 'number') return fromEpoch(input);
  if (typeof input !== 'string') return undefined;
  const text = input.trim();
  return EPOCH.test(text) ? fromEpoch(Number(text)) : fromIso(text);
}

function fromEpoch(value: number): string | undefined {
  const ms = Math.abs(value) > LAST_SECOND ? value : value * 1000;
  return ms >= YEAR_0001_MS && ms < YEAR_10000_MS ? new Date(ms).toISOString() : undefined;
}

function fromIso(text: string): string | undefined {
  const match = ISO.exec(text);
  if (!match) return undefined;
  const [, year = '', month = '', day = '', hour = '00', minute = '00', second = '00'] = match;
  const [fraction = '', offset = 'z'] = match.slice(7);
  const zone = readOffset(offset);
  const isTime = Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60;
  if (!isDay(year, month, day) || !isTime || zone === undefined) return undefined;
  const micros = fraction === '' ? '' : `.${fraction.slice(0, 6)}`;
  return `${year}-${month}-${day}T${hour}:${minute}:${second}${micros}${zone}`;
}

function isDay(year: string, month: string, day: string): boolean {
  if (year === '0000') return false;
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.getUTCDate() === Number(day);
}

/** Postgres takes offsets of less than 16 hours. */
function readOffset(text: string): string | undefined {
  if (text.toLowerCase() === 'z') return 'Z';
  const digits = text.slice(1).replace(':', '').padEnd(4, '0');
  const [hours, minutes] = [digits.slice(0, 2), digits.slice(2)];
  return Number(hours) < 16 && Number(minutes) < 60
    ? `${text[0] ?? '+'}${hours}:${minutes}`
    : undefined;
}
