import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { countsText, standingLines } from './standing-text.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const BASE = {
  ...{ tags: [], threshold: null, muted: false, last_write: null },
  links: { self: '', why_late: '' },
};

test('a late pipeline says for how long and why, another one how much time is left', () => {
  const lines = standingLines(
    [
      {
        ...BASE,
        ...{ pipeline: 'sales', state: 'late', reason: 'no_new_data', message: 'No new data' },
        ...{ since: '2026-11-21T10:00:00Z', deadline: '2026-11-21T10:00:00Z', muted: true },
      },
      {
        ...BASE,
        ...{ pipeline: 'orders', state: 'fresh', reason: 'wrote', message: 'Wrote' },
        ...{ since: '2026-11-21T11:30:00Z', deadline: '2026-11-21T12:30:00Z' },
      },
    ],
    NOW,
  ).map(stripVTControlCharacters);

  expect(lines).toEqual([
    'STATE         PIPELINE  FOR      LATE IN  WHY',
    '✗ late muted  sales     2h 00m            No new data',
    '✓ fresh       orders    30m 00s  30m 00s  Wrote',
  ]);
});

test('counts leave out what nobody expects anything of', () => {
  expect(countsText({ late: 2, waiting: 0, on_time: 40, off: 7 })).toBe('2 late, 40 on time');
});
