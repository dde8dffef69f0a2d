import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { WatermarkSetting } from '../api/contract/watermark.ts';
import { drawHistory, drawSetting } from './watermark-text.ts';

const SETTING: WatermarkSetting = {
  ...{ pipeline: 'sales', from: '30', to: '12', type: 'number', direction: 'back' },
  ...{ dry_run: true, changed: false, open_runs: [] },
  again: {
    ...{ runs: 2, rows: 1_500 },
    windows: [
      { run: 9, from: '20', to: '30', rows: 500 },
      { run: 7, from: null, to: '20', rows: 1_000 },
    ],
  },
};

const plain = (lines: readonly string[]) => lines.map(stripVTControlCharacters);

test('a dry run tells which runs loaded what would be loaded again', () => {
  expect(plain(drawSetting(SETTING))).toEqual([
    'The watermark of sales would go back: 30 → 12',
    'Loaded again: what 2 runs have loaded, 1,500 rows',
    '  run 9  20 → 30      500 rows',
    '  run 7  (none) → 20  1,000 rows',
  ]);
});

test('a step forward leaves something out, and open runs are named', () => {
  const forward = { to: '50', direction: 'forward', dry_run: false, changed: true } as const;
  expect(plain(drawSetting({ ...SETTING, ...forward, open_runs: [10, 11] }))).toEqual([
    'The watermark of sales went forward: 30 → 50',
    'What lies between is not loaded',
    'Open, and will leave it here: runs 10, 11',
  ]);
});

test('a change that was refused says so in the history', () => {
  const change = {
    ...{ id: 1, changed_at: '2026-01-01T00:00:00.000Z', moved: false },
    ...{ from: '30', to: '20', actor: 'highwater', run: 9 },
    kind: 'run' as const,
    type: 'number' as const,
    reason: '20 lies before 30',
  };
  const [, line = ''] = plain(drawHistory({ pipeline: 'sales', changes: [change], cursor: null }));
  expect(line).toMatch(/ {2}30 {4}not 20 {2}highwater {2}9 {4}20 lies before 30$/);
});
