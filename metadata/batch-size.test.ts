import { expect, test } from 'vitest';
import { nextBatchSize } from './batch-size.ts';

test('a quick batch makes the next one twice as large, as far as it may be', () => {
  expect(nextBatchSize(500, 10, 10_000)).toBe(1000);
  expect(nextBatchSize(500, 10, 600)).toBe(600);
});

test('a slow batch makes the next one as small as it should have been', () => {
  expect(nextBatchSize(2000, 600, 10_000)).toBe(500);
  expect(nextBatchSize(1000, 60_000, 10_000)).toBe(250);
});

test('whoever asks for smaller batches gets them', () => {
  expect(nextBatchSize(1, 1, 1)).toBe(1);
});
