import { expect, test } from 'vitest';
import { cronText, needsBothDays, readCron } from './cron.ts';
import type { Range } from './schedule.ts';

const parts = (text: string) => {
  const { calendar } = readCron(text);
  if (!calendar) throw new Error(`${text} was refused`);
  return Object.fromEntries(
    Object.entries(calendar).flatMap(([part, ranges]: [string, string | readonly Range[]]) =>
      typeof ranges === 'string'
        ? []
        : [[part, ranges.map(({ start, end, step }) => `${start}-${end}/${step}`).join(',')]],
    ),
  );
};

test('five parts are minute, hour, day, month and day of the week', () => {
  expect(parts('30 2 1 6 5')).toEqual({
    ...{ second: '0-0/1', minute: '30-30/1', hour: '2-2/1', dayOfMonth: '1-1/1' },
    ...{ month: '6-6/1', dayOfWeek: '5-5/1', year: '' },
  });
});

test('seven have a second in front and a year behind', () => {
  expect(parts('15 30 2 * * * 2027')).toMatchObject({ second: '15-15/1', year: '2027-2027/1' });
});

test.for([
  ['*/15 * * * *', 'minute', '0-59/15'],
  ['10/20 * * * *', 'minute', '10-59/20'],
  ['5,35 * * * *', 'minute', '5-5/1,35-35/1'],
  ['0 9-17/2 * * *', 'hour', '9-17/2'],
  ['0 0 * jan-Mar *', 'month', '1-3/1'],
  ['0 0 * * mon-fri', 'dayOfWeek', '1-5/1'],
  ['0 0 * * 7', 'dayOfWeek', '0-0/1'],
  ['0 0 * * 5-7', 'dayOfWeek', '0-0/1,5-6/1'],
  ['0 0 ? * SUNDAY', 'dayOfWeek', '0-0/1'],
] as const)('%s: the %s is %s', ([text, part, expected]) => {
  expect(parts(text)[part]).toBe(expected);
});

test('nicknames stand for what they say', () => {
  expect(parts('@daily')).toEqual(parts('0 0 * * *'));
  expect(parts('@weekly')).toEqual(parts('0 0 * * sun'));
});

test.for([
  ['60 * * * *', 0, '"60" is not a minute: 0 to 59'],
  ['0 25 * * *', 2, '"25" is not an hour: 0 to 23'],
  ['0 2 * * moon', 8, '"moon" is not a day of the week: 0 to 7'],
  ['0 1,2,x * * *', 6, '"x" is not an hour: 0 to 23'],
  ['0 17-9 * * *', 2, 'ends before it begins'],
  ['*/0 * * * *', 0, '"/0" is no step'],
  ['0 2 * *', 0, 'this has 4'],
  ['0 0 2 * * *', 0, 'this has 6'],
  ['0 2 L * *', 4, '"L" is not a day of the month'],
  ['@noon', 0, 'known are @yearly'],
  ['@every 5m', 0, 'interval instead of @every'],
  ['CRON_TZ=UTC 0 2 * * *', 0, 'give the time zone as timezone'],
] as const)('%s is refused at its letter %i: %s', ([text, offset, message]) => {
  const { problem } = readCron(text);
  expect(problem?.offset).toBe(offset);
  expect(problem?.message).toContain(message);
});

test.each([
  ['30 2 * * *', '30 2 * * *'],
  ['*/15 9-17/2 1,15 jan-jun ?', '*/15 9-17/2 1,15 1-6 *'],
  ['10/20 * * * 5-7', '10-59/20 * * * 0,5-6'],
  ['0 30 2 * * * *', '30 2 * * *'],
  ['*/20 * * * * * 2027-2031/2', '*/20 * * * * * 2027-2031/2'],
  ['@weekly', '0 0 * * 0'],
])('%s is told as %s, which names the same times', (text, told) => {
  const { calendar } = readCron(text);
  if (!calendar) throw new Error(`${text} was refused`);
  expect(cronText(calendar)).toBe(told);
  expect(readCron(told).calendar).toEqual({ ...calendar, comment: told });
});

test('a day of the month and one of the week together are worth a warning', () => {
  const asks = (text: string) => {
    const { calendar } = readCron(text);
    return calendar && needsBothDays(calendar);
  };
  expect(['0 2 1 * mon', '0 2 * * mon', '0 2 1 * *', '0 2 */1 * 0-6'].map(asks)).toEqual([
    true,
    false,
    false,
    false,
  ]);
});
