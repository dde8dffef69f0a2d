import { expect, test } from 'vitest';
import { retentionOf } from './retention.ts';

const DAY_MS = 86_400_000;

test('a pipeline has the last word on each thing, then its project', () => {
  const retention = retentionOf([{ runs: '7d' }, { runs: '400d', logs: '90d' }]);
  expect(retention).toEqual({ runsMs: 7 * DAY_MS, logsMs: 90 * DAY_MS });
});

test('what nobody mentions is kept for ever', () => {
  expect(retentionOf([undefined, {}])).toBeUndefined();
});
