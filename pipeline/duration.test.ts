import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Duration, durationMs, durationText } from './duration.ts';

test.each([
  ['500ms', 500],
  ['1s', 1_000],
  ['10m', 600_000],
  ['1h30m', 5_400_000],
  ['2d', 172_800_000],
  ['1.5h', 5_400_000],
])('%s is %d milliseconds', (text, ms) => {
  expect(durationMs(Duration.parse(text))).toBe(ms);
});

test.each(['', '10', 's', '1x', '-1s', '1 h', '1h 30m', '0s', '4000d', '1e3s'])(
  '%j is no duration',
  (text) => {
    expect(Duration.safeParse(text).success).toBe(false);
  },
);

test('a duration is read as it is written', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e11 }), (ms) => {
      expect(durationMs(durationText(ms))).toBe(ms);
    }),
  );
});
