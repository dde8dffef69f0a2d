import { expect, test } from 'vitest';
import type { EndedRun, Flags, PipelineRule } from './batch.ts';
import type { Odd } from './judge.ts';
import { oddText, recoveredText } from './notice.ts';
import { outcomesOf } from './outcome.ts';
import type { Metric } from './rule.ts';

const ODD: Odd = {
  value: 5_000,
  zScore: 2_450,
  min: 96.4,
  max: 103.6,
  baseline: { count: 30, centre: 100, deviation: 2 },
};

function run(flags: Flags = {}): EndedRun {
  const values = { duration_seconds: 1, inserts: 1, updates: 1, soft_deletes: 1 };
  return {
    id: 7,
    pipelineId: 1,
    hour: 9,
    weekday: 1,
    endedAt: new Date(),
    values: { ...values, total_rows: 5_000, throughput: 2.5 },
    flags,
  };
}

function rule(metric: Metric): PipelineRule {
  return {
    ...{ id: 1, pipelineId: 1, metric, zThreshold: 3, lookbackDays: 30, minimumExecutions: 30 },
    ...{ baseline: 'hour', lastN: 100, method: 'mean_sd' },
  };
}

function outcome(flags: Flags, ...odd: Metric[]) {
  const checked = run(flags);
  const judged = odd.map((metric) => ({ run: checked, rule: rule(metric), verdict: ODD }));
  return outcomesOf([checked], judged)[0];
}

test('only what is odd is flagged', () => {
  const expected = { flags: { total_rows: true }, changed: true, isNews: true, isCleared: false };
  expect(outcome({}, 'total_rows')).toMatchObject(expected);
  expect(outcome({})).toMatchObject({ flags: {}, changed: false, isNews: false });
});

test('the same again is no news', () => {
  const expected = { flags: { total_rows: true }, changed: false, isNews: false };
  expect(outcome({ total_rows: true }, 'total_rows')).toMatchObject(expected);
});

test('a metric that is no longer odd loses its flag, one that was taken back keeps its no', () => {
  const before = { total_rows: true, inserts: false };
  const expected = { flags: { inserts: false }, changed: true, isNews: false, isCleared: true };
  expect(outcome(before)).toMatchObject(expected);
  expect(outcome(before, 'updates')).toMatchObject({
    ...{ flags: { inserts: false, updates: true }, isNews: true, isCleared: false },
  });
});

test('the alert has the words that Watcher uses', () => {
  const { findings = [] } = outcome({}, 'total_rows', 'inserts') ?? {};
  const text = oddText({ pipeline: 'orders', pipelineId: 3, executionId: 7 }, findings);
  expect(text).toEqual({
    title: 'Anomaly Detection',
    message: "Anomalies Detected for Pipeline 'orders' (ID: 3) - Execution ID 7 flagged",
    details: [
      { key: 'Total Anomalies', value: '2' },
      { key: 'Metrics', value: "['total_rows', 'inserts']" },
      {
        key: 'Anomalies',
        value: '\n\t• total_rows: 5000 (Range: 96 - 104)\n\n\t• inserts: 5000 (Range: 96 - 104)',
      },
    ],
  });
});

test('a recovery names the run that showed it, unless a person took the flags back', () => {
  const subject = { pipeline: 'orders', pipelineId: 3, executionId: 7 };
  expect(recoveredText(subject, 9).message).toContain('Execution ID 9 is within range again');
  expect(recoveredText(subject, null).message).toContain('Execution ID 7 is no longer flagged');
});
