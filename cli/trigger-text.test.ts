import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { LeftOut, TriggerDetail } from '../api/contract/trigger.ts';
import { drawTrigger } from './trigger-text.ts';

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
