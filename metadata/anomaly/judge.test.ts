import { expect, test } from 'vitest';
import { judge } from './judge.ts';

const RULE = { zThreshold: 3, minimumExecutions: 5 };
const baseline = (centre: number, deviation: number, count = 30) => ({ count, centre, deviation });

test('a value on a limit is normal, and one beyond it odd', () => {
  expect(judge(RULE, 103, baseline(100, 1))).toBe('normal');
  expect(judge(RULE, 97, baseline(100, 1))).toBe('normal');
  expect(judge(RULE, 104, baseline(100, 1))).toMatchObject({ min: 97, max: 103, zScore: 4 });
  expect(judge(RULE, 96, baseline(100, 1))).toMatchObject({ min: 97, max: 103, zScore: -4 });
});

test('the lower limit is never below zero', () => {
  expect(judge(RULE, 0, baseline(2, 1))).toBe('normal');
  expect(judge(RULE, 6, baseline(2, 1))).toMatchObject({ min: 0, max: 5 });
});

test('too few earlier runs, or ones that are all the same, say nothing', () => {
  expect(judge(RULE, 1_000, baseline(2, 1, 4))).toBe('unknown');
  expect(judge(RULE, 1_000, baseline(2, 1, 5))).not.toBe('unknown');
  expect(judge(RULE, 1_000, baseline(2, 0))).toBe('unknown');
});
