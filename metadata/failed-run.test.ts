import { expect, test } from 'vitest';
import { failureText, type FailedRun } from './failed-run.ts';

const RUN: FailedRun = {
  id: 12,
  pipeline: 'daily_sales',
  state: 'failed',
  reported: false,
  seconds: 7,
  error: { code: 'block.failed', message: 'no such column: day', block: 'orders' },
};

test('a failed run says where and why it failed', () => {
  expect(failureText(RUN)).toEqual({
    title: 'Pipeline daily_sales failed',
    message: 'Run 12 failed in block orders: no such column: day',
    details: [
      { key: 'Pipeline', value: 'daily_sales' },
      { key: 'Run', value: '12' },
      { key: 'Block', value: 'orders' },
      { key: 'Error', value: 'block.failed' },
      { key: 'Duration', value: '7 s' },
    ],
  });
});

test('of a reported execution no more is known than its end', () => {
  const { message, details } = failureText({ ...RUN, reported: true, seconds: null, error: null });

  expect(message).toBe('Execution 12 failed');
  expect(details.map(({ key }) => key)).toEqual(['Pipeline', 'Execution']);
});

test('what ended a run from outside is named', () => {
  expect(failureText({ ...RUN, state: 'timed_out', error: null }).message).toBe('Run 12 timed out');
  expect(failureText({ ...RUN, state: 'terminated' }).title).toBe(
    'Pipeline daily_sales was terminated',
  );
});
