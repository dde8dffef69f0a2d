import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  deadlineAfter,
  effectiveThreshold,
  shortestMs,
  spanInUnit,
  thresholdText,
  type DatePart,
} from './threshold.ts';

const PARTS: readonly DatePart[] = ['minute', 'hour', 'day', 'week', 'month', 'year'];
const unset = { number: null, datepart: null };

function after(start: string, number: number, datepart: DatePart): string {
  return deadlineAfter(new Date(start), { number, datepart }).toISOString();
}

// What pendulum 3 answers to pendulum.parse(start).add(months=…) and the like
test.each([
  ['2026-11-21T10:00:00.000Z', 90, 'minute', '2026-11-21T11:30:00.000Z'],
  ['2026-11-21T10:00:00.000Z', 2, 'hour', '2026-11-21T12:00:00.000Z'],
  ['2026-02-27T10:00:00.000Z', 2, 'day', '2026-03-01T10:00:00.000Z'],
  ['2026-12-29T10:00:00.000Z', 1, 'week', '2027-01-05T10:00:00.000Z'],
  ['2026-01-31T10:00:00.123Z', 1, 'month', '2026-02-28T10:00:00.123Z'],
  ['2028-01-31T10:00:00.000Z', 1, 'month', '2028-02-29T10:00:00.000Z'],
  ['2026-10-31T10:00:00.000Z', 13, 'month', '2027-11-30T10:00:00.000Z'],
  ['2028-02-29T10:00:00.000Z', 1, 'year', '2029-02-28T10:00:00.000Z'],
  ['2028-02-29T10:00:00.000Z', 4, 'year', '2032-02-29T10:00:00.000Z'],
] as const)('%s and %d %s make %s', (start, number, datepart, expected) => {
  expect(after(start, number, datepart)).toBe(expected);
});

test('a deadline never comes before the shortest length of its threshold', () => {
  const dates = fc.date({
    min: new Date('1970-01-01'),
    max: new Date('2200-01-01'),
    noInvalidDate: true,
  });
  const numbers = fc.integer({ min: 1, max: 2_147_483_647 });
  fc.assert(
    fc.property(dates, numbers, fc.constantFrom(...PARTS), (start, number, datepart) => {
      const length = deadlineAfter(start, { number, datepart }).getTime() - start.getTime();
      expect(length).toBeGreaterThanOrEqual(shortestMs({ number, datepart }));
    }),
  );
});

test('a later start never has an earlier deadline', () => {
  const dates = fc.date({
    min: new Date('2020-01-01'),
    max: new Date('2030-01-01'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(dates, dates, fc.integer({ min: 1, max: 30 }), (a, b, number) => {
      const [first, second] = a <= b ? [a, b] : [b, a];
      const threshold = { number, datepart: 'month' } as const;
      // two days that become one keep their times of day, which may be the other way round
      const slack = 24 * 60 * 60_000;
      expect(deadlineAfter(first, threshold).getTime() - slack).toBeLessThan(
        deadlineAfter(second, threshold).getTime() + 1,
      );
    }),
  );
});

test('a threshold beyond all calendars is a thousand years', () => {
  expect(after('2026-01-01T00:00:00.000Z', 2_147_483_647, 'year')).toBe('3026-01-01T00:00:00.000Z');
  expect(after('9999-12-31T00:00:00.000Z', 2_147_483_647, 'week')).toMatch(/^\+01099/);
});

test("a pipeline's own threshold wins over its type's, when it has both parts", () => {
  const ofType = { number: 1, datepart: 'day' };
  expect(effectiveThreshold({ number: 2, datepart: 'hour' }, ofType)).toEqual({
    ...{ number: 2, datepart: 'hour', from: 'pipeline' },
  });
  expect(effectiveThreshold({ number: 2, datepart: null }, ofType)).toEqual({
    ...{ number: 1, datepart: 'day', from: 'type' },
  });
  expect(effectiveThreshold(unset, { number: null, datepart: 'day' })).toBeNull();
});

test('texts tell one from many', () => {
  expect(thresholdText({ number: 1, datepart: 'hour' })).toBe('1 hour');
  expect(thresholdText({ number: 2, datepart: 'hour' })).toBe('2 hours');
  expect(spanInUnit(30 * 60_000, 'minute')).toBe('30 minutes');
  expect(spanInUnit(100_000, 'minute')).toBe('1.67 minutes');
  expect(spanInUnit(45 * 86_400_000, 'month')).toBe('1.5 months');
});
