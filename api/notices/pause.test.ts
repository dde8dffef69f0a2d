import { expect, test } from 'vitest';
import { pauseAfter } from './pause.ts';
import { readRetryAfter } from './post.ts';

const HOUR = 3_600_000;
const failed = (attempt: number, ageMs = 0, retryAfterMs: number | null = null) => ({
  attempt,
  ageMs,
  retryAfterMs,
});

test('pauses double up to a quarter of an hour, and half of each is chance', () => {
  expect([1, 2, 3, 4].map((attempt) => pauseAfter(failed(attempt), 1))).toEqual([
    2_000, 4_000, 8_000, 16_000,
  ]);
  expect(pauseAfter(failed(3), 0)).toBe(4_000);
  expect(pauseAfter(failed(5_000), 1)).toBe(900_000);
});

test('a receiver that asks for time gets it, but never more than a day', () => {
  expect(pauseAfter(failed(1, 0, 60_000), 1)).toBe(60_000);
  expect(pauseAfter(failed(9, 0, 1_000), 1)).toBe(512_000);
  expect(pauseAfter(failed(1, 0, 999 * HOUR), 1)).toBe(24 * HOUR);
});

test('after a day it gives up, unless there were hardly any attempts', () => {
  expect(pauseAfter(failed(100, 23 * HOUR))).not.toBeNull();
  expect(pauseAfter(failed(100, 24 * HOUR))).toBeNull();
  expect(pauseAfter(failed(2, 48 * HOUR))).not.toBeNull();
});

test('Retry-After is a number of seconds or a date', () => {
  const now = Date.parse('2026-11-21T12:00:00Z');

  expect(readRetryAfter('120', now)).toBe(120_000);
  expect(readRetryAfter('Sat, 21 Nov 2026 12:00:30 GMT', now)).toBe(30_000);
  expect(readRetryAfter('Sat, 21 Nov 2026 11:00:00 GMT', now)).toBe(0);
  expect(readRetryAfter('soon', now)).toBeNull();
  expect(readRetryAfter(null, now)).toBeNull();
});
