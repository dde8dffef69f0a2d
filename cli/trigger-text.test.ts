import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { LeftOut, TriggerDetail } from '../api/contract/trigger.ts';
import { scheduleOf } from '../pipeline/schedule-of.ts';
import { ScheduleTrigger } from '../pipeline/schedule-trigger.ts';
import { drawNext, drawTrigger, drawTriggers } from './trigger-text.ts';

const trigger: TriggerDetail = {
  ...{ id: 1, pipeline: 'daily', name: 'asked', kind: 'api', description: null, paused: false },
  ...{ note: null, definition: {}, next: null, deployed: null, left_out: null },
  ...{ created_at: '2026-11-22T09:30:00.000Z', updated_at: '2026-11-22T09:30:00.000Z' },
};

const leftOut = (left_out: LeftOut | null) =>
  drawTrigger({ ...trigger, left_out }, { changes: [] })
    .map((line) => stripVTControlCharacters(line).trim())
    .filter((line) => line.startsWith('left out'));

test('fire times that Temporal has let pass are told with the reason, and nothing of none', () => {
  expect(leftOut({ overlap: 3, catchup_window: 1 })).toEqual([
    'left out  3 while a run was under way, 1 while Temporal was down',
  ]);
  expect(leftOut({ overlap: 0, catchup_window: 2 })).toEqual([
    'left out  2 while Temporal was down',
  ]);
  expect(leftOut({ overlap: 0, catchup_window: 0 })).toEqual([]);
  expect(leftOut(null)).toEqual([]);
});

const day = (at: string, interval_start: string) => ({ at, interval_start, interval_end: at });

test('fire times on both sides of a clock change have their offsets, and others none', () => {
  const next = (...fires: ReturnType<typeof day>[]) =>
    drawNext({ timezone: 'America/New_York', paused: false, fires }).slice(1);

  expect(
    next(
      day('2027-11-07T05:30:00.000Z', '2027-11-06T05:30:00.000Z'),
      day('2027-11-07T06:30:00.000Z', '2027-11-07T05:30:00.000Z'),
    ),
  ).toEqual([
    '2027-11-07 01:30:00 -04:00  2027-11-06 01:30:00 -04:00 → 2027-11-07 01:30:00 -04:00',
    '2027-11-07 01:30:00 -05:00  2027-11-07 01:30:00 -04:00 → 2027-11-07 01:30:00 -05:00',
  ]);
  expect(next(day('2027-12-02T06:30:00.000Z', '2027-12-01T06:30:00.000Z'))).toEqual([
    '2027-12-02 01:30:00       2027-12-01 01:30:00 → 2027-12-02 01:30:00',
  ]);
});

test('a calendar without a comment is told as a cron', () => {
  const calendars = [
    { hour: '9-17', minute: '*/15', day_of_week: 'mon-fri' },
    { second: '*/20', minute: '*', hour: '*' },
    { hour: 9, comment: 'office opens' },
  ];
  const schedule = scheduleOf(ScheduleTrigger.parse({ calendars }));
  const [, line = ''] = drawTriggers([{ ...trigger, kind: 'schedule', definition: { schedule } }]);
  expect(line).toMatch(
    / {2}\*\/15 9-17 \* \* 1-5; \*\/20 \* \* \* \* \* \*; office opens \(UTC\)$/,
  );
});
