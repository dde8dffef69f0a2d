import { expect, test } from 'vitest';
import type { EventRule } from '../triggers/event-rule.ts';
import { followedPipelines } from './followed-pipelines.ts';

const filtered = (filter: string, rule: EventRule = { type: 'highwater.run.finished' }) =>
  followedPipelines({ ...rule, filter });

test('a source names the pipeline whose runs it tells of', () => {
  expect(followedPipelines({ source: 'highwater/pipelines/sales' })).toEqual(['sales']);
  expect(followedPipelines({ source: 'https://shop.example' })).toEqual([]);
});

test.each([
  ["event.data.pipeline == 'sales'", ['sales']],
  ["'sales' == event.data['pipeline'] && event.data.state == 'succeeded'", ['sales']],
  ["has(event.data.run) && event.data.pipeline in ['sales', 'stock']", ['sales', 'stock']],
  ["event.data.pipeline == 'sales' || event.data.pipeline == 'stock'", ['sales', 'stock']],
  ["event.source == 'highwater/pipelines/sales'", ['sales']],
])('a filter names them where it can be true of no other ones: %s', (filter, names) => {
  expect(filtered(filter)).toEqual(names);
});

test.each([
  "event.data.pipeline != 'sales'",
  "!(event.data.pipeline == 'sales')",
  "event.data.pipeline.startsWith('sales')",
  'event.data.pipeline == event.data.parent',
  "event.data.pipeline == 'sales' || event.data.state == 'failed'",
])('a filter that others may pass as well names none: %s', (filter) => {
  expect(filtered(filter)).toEqual([]);
});

test('what others send may speak of any pipeline', () => {
  expect(filtered("event.data.pipeline == 'sales'", { type: 'shop.closed' })).toEqual([]);
  expect(filtered("event.data.pipeline == 'sales'", {})).toEqual([]);
});
