import { expect, test } from 'vitest';
import { countProgress } from './count-progress.ts';

/** All that is written while a count goes from 1 to 10, a step each second. */
function written(isTTY: boolean): string {
  let seconds = 0;
  let text = '';
  const out = { isTTY, write: (part: string) => (text += part) };
  const progress = countProgress(out, () => seconds * 1_000);
  for (seconds = 1; seconds <= 10; seconds += 1) progress.show(`${seconds} of 10 schedules`);
  progress.end();
  return text;
}

test('on a terminal one line counts, and is gone at the end', () => {
  const lines = written(true).split('\r\u001b[2K').slice(1);
  expect(lines).toHaveLength(11);
  expect([lines[0], lines[9], lines[10]]).toEqual(['1 of 10 schedules', '10 of 10 schedules', '']);
});

test('elsewhere a line comes every two seconds', () => {
  expect(written(false)).toBe([2, 4, 6, 8, 10].map((at) => `${at} of 10 schedules\n`).join(''));
});
