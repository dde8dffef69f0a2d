import { expect, test } from 'vitest';
import type { QueuedRun } from '../../db/runs/dispatch.ts';
import { summaryOf } from './start-run.ts';

const RUN: QueuedRun = {
  id: 12,
  pipeline: 'orders',
  plan: 'abc',
  workflowId: 'orders/12-abcdef',
  params: {},
  fullLoad: false,
  trigger: 'api',
  priority: 3,
};

test('the summary names the run and its params', () => {
  expect(summaryOf({ ...RUN, params: { month: '2001-01', count: 3 } })).toBe(
    'run 12 · count=3 · month="2001-01"',
  );
});

test('a full load is said', () => {
  expect(summaryOf({ ...RUN, fullLoad: true })).toBe('run 12 · full load');
});

test('a long summary is cut', () => {
  expect(summaryOf({ ...RUN, params: { text: 'x'.repeat(1000) } })).toHaveLength(200);
});
