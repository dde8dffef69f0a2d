import { expect, test } from 'vitest';
import { clockWarnings } from './clock-warnings.ts';
import { calendarOf, readCron } from './cron.ts';
import { dataIntervalOf } from './data-interval.ts';
import { fireTimesAfter, lastFireTime, lastFireTimes } from './fire-times.ts';
import type { Schedule } from './schedule.ts';

const NOTHING: Schedule = {
  ...{ calendars: [], intervals: [], skip: [], timezone: 'UTC', jitterMs: 0 },
  ...{ catchup: 'latest', catchupWindowMs: 60_000, overlap: 'skip' },
};

function cron(text: string, more: Partial<Schedule> = {}): Schedule {
  const { calendar } = readCron(text);
  if (!calendar) throw new Error(`${text} was refused`);
  return { ...NOTHING, calendars: [calendar], ...more };
}

const minutes = (times: readonly Date[]) =>
  times.map((time) => time.toISOString().replace(':00.000Z', 'Z'));
const next = (schedule: Schedule, after: string, count = 3) =>
  minutes(fireTimesAfter(schedule, new Date(after), count));

const BERLIN = { timezone: 'Europe/Berlin' };

test('a day that leaves a time out does not fire at it', () => {
  expect(next(cron('30 2 * * *', BERLIN), '2026-03-28T00:00Z')).toEqual([
    '2026-03-28T01:30Z',
    '2026-03-30T00:30Z',
    '2026-03-31T00:30Z',
  ]);
});

test('a day that has a time twice fires at both west of Greenwich, and at the second east of it', () => {
  expect(next(cron('30 1 * * *', { timezone: 'America/New_York' }), '2026-10-31T12:00Z')).toEqual([
    '2026-11-01T05:30Z',
    '2026-11-01T06:30Z',
    '2026-11-02T06:30Z',
  ]);
  expect(next(cron('30 2 * * *', BERLIN), '2026-10-24T12:00Z', 2)).toEqual([
    '2026-10-25T01:30Z',
    '2026-10-26T01:30Z',
  ]);
});

test('what fires every hour leaves out one that comes a second time east of Greenwich', () => {
  expect(next(cron('0 * * * *', BERLIN), '2026-03-29T00:00Z')).toEqual([
    '2026-03-29T01:00Z',
    '2026-03-29T02:00Z',
    '2026-03-29T03:00Z',
  ]);
  expect(next(cron('0 * * * *', BERLIN), '2026-10-24T23:30Z', 2)).toEqual([
    '2026-10-25T00:00Z',
    '2026-10-25T02:00Z',
  ]);
});

test('intervals are counted from 1970, whatever the clocks do', () => {
  const every = { ...NOTHING, intervals: [{ everyMs: 14_400_000, offsetMs: 600_000 }] };
  expect(next(every, '2026-03-28T23:00Z')).toEqual([
    '2026-03-29T00:10Z',
    '2026-03-29T04:10Z',
    '2026-03-29T08:10Z',
  ]);
});

test('both days of a cron must match, and a 29th of February comes when there is one', () => {
  expect(next(cron('0 0 13 * fri'), '2026-01-01T00:00Z')).toEqual([
    '2026-02-13T00:00Z',
    '2026-03-13T00:00Z',
    '2026-11-13T00:00Z',
  ]);
  expect(next(cron('0 0 29 2 *'), '2026-01-01T00:00Z', 2)).toEqual([
    '2028-02-29T00:00Z',
    '2032-02-29T00:00Z',
  ]);
  expect(next(cron('0 0 30 2 *'), '2026-01-01T00:00Z')).toEqual([]);
});

test('several calendars fire at all of their times, and never at skipped ones', () => {
  const christmas = calendarOf(
    {
      second: [{ start: 0, end: 59, step: 1 }],
      minute: [{ start: 0, end: 59, step: 1 }],
      hour: [{ start: 0, end: 23, step: 1 }],
      dayOfMonth: [{ start: 25, end: 25, step: 1 }],
      month: [{ start: 12, end: 12, step: 1 }],
    },
    undefined,
  );
  const [early] = cron('0 6 * * *').calendars;
  const both = cron('0 18 * * *', { skip: [christmas] });
  const schedule = { ...both, calendars: [...both.calendars, ...(early ? [early] : [])] };
  expect(next(schedule, '2026-12-24T00:00Z', 4)).toEqual([
    '2026-12-24T06:00Z',
    '2026-12-24T18:00Z',
    '2026-12-26T06:00Z',
    '2026-12-26T18:00Z',
  ]);
});

test('start and end bound it; a day without an offset is one of its time zone', () => {
  const bounded = cron('0 0 * * *', { ...BERLIN, start: '2026-06-02', end: '2026-06-04T00:00' });
  expect(next(bounded, '2026-01-01T00:00Z')).toEqual([
    '2026-06-01T22:00Z',
    '2026-06-02T22:00Z',
    '2026-06-03T22:00Z',
  ]);
  expect(next(bounded, '2026-06-03T22:00Z')).toEqual([]);
});

test('the last fire time is found however long ago it was', () => {
  const last = (text: string, before: string) => lastFireTime(cron(text), new Date(before));
  expect(last('0 0 29 2 *', '2027-06-01T00:00Z')?.toISOString()).toBe('2024-02-29T00:00:00.000Z');
  expect(last('* * * * *', '2027-06-01T00:00Z')?.toISOString()).toBe('2027-05-31T23:59:00.000Z');
  expect(last('0 0 30 2 *', '2027-06-01T00:00Z')).toBeUndefined();
});

test('of the last fire times none is before a bound', () => {
  const last = (text: string, after?: string) =>
    minutes(
      lastFireTimes(
        cron(text),
        new Date('2027-01-03T00:00Z'),
        3,
        ...(after === undefined ? [] : [new Date(after)]),
      ),
    );
  expect(last('0 6 * * *')).toEqual([
    '2027-01-02T06:00Z',
    '2027-01-01T06:00Z',
    '2026-12-31T06:00Z',
  ]);
  expect(last('0 6 * * *', '2027-01-01T06:00Z')).toEqual(['2027-01-02T06:00Z']);
  expect(last('0 0 1 1 *', '2026-12-31T00:00Z')).toEqual(['2027-01-01T00:00Z']);
  expect(last('0 0 1 1 *', '2027-01-01T00:00Z')).toEqual([]);
});

test('a run is about what lies between the fire time before and its own', () => {
  const about = (schedule: Schedule, at: string) => {
    const interval = dataIntervalOf(schedule, new Date(at));
    return interval && minutes([interval.start, interval.end]);
  };
  const daily = cron('0 2 * * *', BERLIN);
  expect(about(daily, '2026-06-02T00:00Z')).toEqual(['2026-06-01T00:00Z', '2026-06-02T00:00Z']);
  expect(about(daily, '2026-06-02T09:30Z')).toEqual(['2026-06-01T00:00Z', '2026-06-02T00:00Z']);
  expect(about(daily, '2026-03-30T00:00Z')).toEqual(['2026-03-28T01:00Z', '2026-03-30T00:00Z']);
  expect(about({ ...daily, start: '2026-06-02' }, '2026-06-02T00:00Z')).toEqual([
    '2026-06-01T00:00Z',
    '2026-06-02T00:00Z',
  ]);
});

test('times that the coming clock changes skip, double or leave out are told', () => {
  const told = (text: string, zone = 'Europe/Berlin') =>
    clockWarnings(cron(text, { timezone: zone }), new Date('2026-01-01T00:00Z')).map(
      ({ kind, time }) => `${kind} ${time}`,
    );
  expect(told('30 2 * * *')).toEqual(['skipped 2026-03-29 02:30']);
  expect(told('0 2 * * *', 'America/New_York')).toEqual(['skipped 2026-03-08 02:00']);
  expect(told('30 1 * * *', 'America/New_York')).toEqual(['doubled 2026-11-01 01:30']);
  expect(told('0 3 * * *')).toEqual([]);
  expect(told('30 2 * * mon-sat')).toEqual([]);
  expect(told('0 * * * *')).toEqual(['missed 2026-10-25 02:00']);
  expect(told('0 * * * *', 'America/New_York')).toEqual([]);
  expect(told('30 2 * * *', 'UTC')).toEqual([]);
});
