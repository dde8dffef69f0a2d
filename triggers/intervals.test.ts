import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCadence } from './cadence.ts';
import { checkTimezone, intervalsBetween, intervalsOfSchedule, readTime } from './intervals.ts';
import { readCron } from './cron.ts';
import type { Schedule } from './schedule.ts';

function between(from: string, to: string, every: string, zone = 'UTC', most = 10_000) {
  return intervalsBetween(readTime(from, zone), readTime(to, zone), readCadence(every), most);
}

const hours = (...given: Parameters<typeof between>) =>
  between(...given).map(({ start, end }) => (end.getTime() - start.getTime()) / 3_600_000);
const starts = (...given: Parameters<typeof between>) =>
  between(...given).map(({ start }) => start.toISOString().replace(':00.000Z', 'Z'));

test('days lie between midnights of the time zone: 23 hours in spring, 25 in autumn', () => {
  expect(hours('2026-03-28', '2026-03-31', '1d', 'Europe/Berlin')).toEqual([24, 23, 24]);
  expect(hours('2026-10-24', '2026-10-27', '1d', 'Europe/Berlin')).toEqual([24, 25, 24]);
  expect(hours('2026-03-28', '2026-03-31', '1d')).toEqual([24, 24, 24]);
  expect(starts('2026-03-28', '2026-03-31', '1d', 'Europe/Berlin')).toEqual([
    '2026-03-27T23:00Z',
    '2026-03-28T23:00Z',
    '2026-03-29T22:00Z',
  ]);
});

test('hours are as long on every clock: a day that loses one has 23 of them', () => {
  expect(hours('2026-03-29', '2026-03-30', '1h', 'Europe/Berlin')).toEqual(Array(23).fill(1));
  expect(hours('2026-10-25', '2026-10-26', '1h', 'Europe/Berlin')).toEqual(Array(25).fill(1));
});

test('a time of day that is skipped comes later that day, and is itself again on the next', () => {
  expect(starts('2026-03-28T02:30', '2026-03-31T02:30', '1d', 'Europe/Berlin')).toEqual([
    '2026-03-28T01:30Z',
    '2026-03-29T01:30Z',
    '2026-03-30T00:30Z',
  ]);
});

test('a time of day that comes twice is the first of both', () => {
  expect(starts('2026-10-24T02:30', '2026-10-27T02:30', '1d', 'Europe/Berlin')).toEqual([
    '2026-10-24T00:30Z',
    '2026-10-25T00:30Z',
    '2026-10-26T01:30Z',
  ]);
});

test('a day that has no midnight begins later', () => {
  expect(starts('2018-11-03', '2018-11-05', '1d', 'America/Sao_Paulo')).toEqual([
    '2018-11-03T03:00Z',
    '2018-11-04T03:00Z',
  ]);
});

test('months end on their last day when they are too short, and are whole again after', () => {
  expect(starts('2026-01-31', '2026-05-31', '1 month')).toEqual([
    '2026-01-31T00:00Z',
    '2026-02-28T00:00Z',
    '2026-03-31T00:00Z',
    '2026-04-30T00:00Z',
  ]);
  expect(starts('2026-01-01', '2027-01-01', '1 quarter', 'Europe/Berlin')).toEqual([
    '2025-12-31T23:00Z',
    '2026-03-31T22:00Z',
    '2026-06-30T22:00Z',
    '2026-09-30T22:00Z',
  ]);
});

test('whatever the step, intervals follow each other without a gap from one end to the other', () => {
  const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata'];
  const units = ['h', 'd', 'w', ' month', ' quarter'];
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.constantFrom(...units),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 0, max: 20_000 * 24 }),
      (zone, unit, size, count, hour) => {
        const from = readTime(new Date(hour * 3_600_000).toISOString().slice(0, 16) + 'Z', zone);
        const every = readCadence(`${size}${unit}`);
        const to = lastEnd(from, every, count);
        const found = intervalsBetween(from, to, every, 10_000);
        expect(found).toHaveLength(count);
        expect(found[0]?.start.getTime()).toBe(from.epochMilliseconds);
        expect(found.at(-1)?.end.getTime()).toBe(to.epochMilliseconds);
        found.forEach(({ start, end }, at) => {
          expect(end > start).toBe(true);
          if (at > 0) expect(start).toEqual(found[at - 1]?.end);
        });
      },
    ),
    { numRuns: 200 },
  );
});

function lastEnd(
  from: ReturnType<typeof readTime>,
  every: ReturnType<typeof readCadence>,
  count: number,
) {
  if (every.kind === 'clock') return from.add({ milliseconds: every.ms * count });
  const step = every.count * count;
  return from.add(every.kind === 'days' ? { days: step } : { months: step });
}

test('an end that no step reaches is refused, with the two that are next to it', () => {
  expect(() => between('2026-01-01', '2026-01-31', '1w')).toThrow(
    'No step ends at 2026-01-31T00:00:00+00:00: take 2026-01-29T00:00:00+00:00 or 2026-02-05T00:00:00+00:00 as its end',
  );
});

test('an end that is no later than the beginning is refused', () => {
  expect(() => between('2026-01-02', '2026-01-01', '1d')).toThrow('begin before it ends');
  expect(() => between('2026-01-01', '2026-01-01', '1d')).toThrow('begin before it ends');
});

test('more intervals than allowed are refused before they are all made', () => {
  expect(between('2026-01-01', '2026-01-11', '1d', 'UTC', 10)).toHaveLength(10);
  expect(() => between('0001-01-01', '9999-01-01', '1s')).toThrow('more than 10000 intervals');
});

test.for(['2026-02-30', '2026-13-01', '2026-01-01T25:00', 'yesterday', '0000-01-01', '20260101'])(
  '"%s" is no date',
  (text) => {
    expect(() => readTime(text, 'UTC')).toThrow('is no date');
  },
);

test('a time with an offset is the same in every zone', () => {
  expect(readTime('2026-01-01T00:00+02:00', 'Asia/Tokyo').epochMilliseconds).toBe(
    Date.parse('2025-12-31T22:00Z'),
  );
});

test('time zones have names', () => {
  expect(checkTimezone('Europe/Berlin')).toBe('Europe/Berlin');
  expect(() => checkTimezone('Europe/Atlantis')).toThrow('There is no time zone "Europe/Atlantis"');
});

test('a schedule has the intervals between its own fire times, also before it was there', () => {
  const { calendar } = readCron('0 2 * * *');
  const schedule: Schedule = {
    ...{
      calendars: calendar ? [calendar] : [],
      intervals: [],
      skip: [],
      timezone: 'Europe/Berlin',
    },
    ...{ start: '2026-06-01', jitterMs: 0, catchup: 'latest', catchupWindowMs: 0, overlap: 'skip' },
  };
  const [from, to] = [readTime('2026-03-01', 'UTC'), readTime('2026-03-04', 'UTC')];

  const found = intervalsOfSchedule(schedule, from, to, 10);

  expect(found.map(({ start, end }) => [start.toISOString(), end.toISOString()])).toEqual([
    ['2026-03-01T01:00:00.000Z', '2026-03-02T01:00:00.000Z'],
    ['2026-03-02T01:00:00.000Z', '2026-03-03T01:00:00.000Z'],
  ]);
  expect(() => intervalsOfSchedule(schedule, from, to, 1)).toThrow('more than 1 intervals');
  expect(() => intervalsOfSchedule(schedule, from, readTime('2026-03-02', 'UTC'), 9)).toThrow(
    'No interval of the schedule lies between',
  );
});
