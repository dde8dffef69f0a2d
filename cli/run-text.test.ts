import { expect, test } from 'vitest';
import { rowsText, spanText, watermarkText } from './run-text.ts';

test.each([
  [0, '0ms'],
  [850, '850ms'],
  [12_340, '12.3s'],
  [59_960, '1m 00s'],
  [245_000, '4m 05s'],
  [7_800_000, '2h 10m'],
])('%i ms are %s', (ms, text) => {
  expect(spanText(ms)).toBe(text);
});

test('rows are counted with commas, and one row is one', () => {
  expect([rowsText(3_000_000), rowsText(1), rowsText(null)]).toEqual([
    '3,000,000 rows',
    '1 row',
    '',
  ]);
});

test('a watermark that did not follow its run says why', () => {
  const run = { watermark: '60', next_watermark: '80' };
  expect(watermarkText(run)).toBe('watermark 60 → 80');
  expect(watermarkText({ ...run, watermark_kept: 'it was set to 20 after this began' })).toBe(
    'watermark 60 → 80 refused: it was set to 20 after this began',
  );
});
