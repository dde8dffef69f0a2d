import { expect, test } from 'vitest';
import { mayTryAgain, timeLeft } from './deadline.ts';

const retry = { attempts: 5, initialMs: 1_000, backoff: 2, maxMs: 5_000 };
const policy = { retry, timeoutMs: 10_000, deadlineMs: 60_000, onFailure: 'fail' } as const;

test('an attempt has its timeout, or what is left until the deadline', () => {
  expect(timeLeft(policy, 0, 0)).toBe(10_000);
  expect(timeLeft(policy, 0, 55_000)).toBe(5_000);
  expect(timeLeft(policy, 0, 61_000)).toBe(-1_000);
});

test('another attempt is worth while as long as its pause ends before the deadline', () => {
  expect(mayTryAgain(policy, 1, 0, 58_999)).toBe(true);
  expect(mayTryAgain(policy, 1, 0, 59_000)).toBe(false);
  expect(mayTryAgain(policy, 2, 0, 58_000)).toBe(false);
});

test('pauses grow to their greatest length, and no further', () => {
  expect(mayTryAgain(policy, 30, 0, 54_999)).toBe(true);
  expect(mayTryAgain(policy, 30, 0, 55_000)).toBe(false);
});
