import { expect, test } from 'vitest';
import { nextCheck } from './sensor-rhythm.ts';

const times = { intervalMs: 1_000, backoff: 2, maxMs: 5_000, timeoutMs: 60_000, softFail: false };
const pauses = (checks: number, random = 0.5) =>
  nextCheck(times, { since: 0, checks }, 10_000, random) - 10_000;

test('each wait is longer than the one before, up to the longest', () => {
  expect([1, 2, 3, 4, 400].map((checks) => pauses(checks))).toEqual([
    1_000, 2_000, 4_000, 5_000, 5_000,
  ]);
});

test('waits differ by up to a tenth, so that sensors which began together part', () => {
  expect([pauses(1, 0), pauses(1, 1)]).toEqual([900, 1_100]);
});

test('the last check comes when the time is over, and not after it', () => {
  expect(nextCheck(times, { since: 0, checks: 9 }, 58_000, 0.5)).toBe(60_000);
});
