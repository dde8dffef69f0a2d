import { expect, test } from 'vitest';
import { AnomalyRules } from '../pipeline/anomalies.ts';
import { rulesOf } from './anomalies.ts';

test('a metric that is only named has the rule that Watcher gives it', () => {
  expect(rulesOf(AnomalyRules.parse({ total_rows: {} }))).toEqual([
    {
      ...{ metric: 'total_rows', zThreshold: 3, lookbackDays: 30, minimumExecutions: 30 },
      ...{ baseline: 'hour', lastN: 100, method: 'mean_sd' },
    },
  ]);
});

test('rules come in the order of the metrics, whatever the order in the file', () => {
  const rules = rulesOf(AnomalyRules.parse({ throughput: {}, inserts: { method: 'median_mad' } }));
  expect(rules.map(({ metric, method }) => [metric, method])).toEqual([
    ['inserts', 'median_mad'],
    ['throughput', 'mean_sd'],
  ]);
});

test('a pipeline without rules has none', () => {
  expect(rulesOf(undefined)).toEqual([]);
});
