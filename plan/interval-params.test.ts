import { expect, test } from 'vitest';
import { paramsOfInterval } from './interval-params.ts';

const DAY = { start: '2026-03-29T00:00:00Z', end: '2026-03-30T00:00:00Z' };

test('params of a backfill know the interval of their run', () => {
  const params = {
    month: '${{ run.interval_start.substring(0, 7) }}',
    until: '${{ run.interval_end }}',
    size: 5,
  };
  expect(paramsOfInterval(params, 'sales', DAY)).toEqual({
    ...{ month: '2026-03', until: '2026-03-30T00:00:00.000Z', size: 5 },
  });
});

test('an expression that means nothing is refused', () => {
  expect(() => paramsOfInterval({ month: '${{ run.month }}' }, 'sales', DAY)).toThrow('month');
});
