import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countedValues, judgeRuns, planComparisons, type EndedRun } from './batch.ts';
import type { Comparison, PipelineRule } from './batch.ts';
import { isOdd, judge } from './judge.ts';
import { medianSpread } from './median.ts';
import { meanSpread, merge, momentsOf, NO_VALUES } from './moments.ts';
import { meanPool, medianPool, recentPool, type Pool } from './pool.ts';
import type { Method } from './rule.ts';

const NOW = new Date('2026-03-02T12:00:00Z');
const RULE: PipelineRule = {
  id: 1,
  pipelineId: 1,
  metric: 'total_rows',
  zThreshold: 2,
  lookbackDays: 30,
  minimumExecutions: 5,
  baseline: 'hour',
  lastN: 100,
  method: 'mean_sd',
};
const NONE = { inserts: null, updates: null, soft_deletes: null, throughput: null };

function run(id: number, total_rows: number | null, more: Partial<EndedRun> = {}): EndedRun {
  const values = { ...NONE, duration_seconds: 1, total_rows };
  return { id, pipelineId: 1, hour: 9, weekday: 1, endedAt: NOW, values, flags: {}, ...more };
}

const compared = (rule: PipelineRule, runs: readonly EndedRun[]): Comparison => ({
  rule,
  hour: 9,
  weekday: null,
  runs,
});

const ascending = (values: readonly number[]) => values.toSorted((one, other) => one - other);

/** Each run on its own, with everything else that is not known to be odd as its baseline. */
function oddOnesChecked(method: Method, earlier: readonly number[], batch: readonly number[]) {
  const odd: number[] = [];
  batch.forEach((value, at) => {
    const others = batch.filter((_, other) => other !== at && !odd.includes(other));
    const all = [...earlier, ...others];
    const spread =
      method === 'mean_sd'
        ? meanSpread(all.map(momentsOf).reduce(merge, NO_VALUES))
        : medianSpread(ascending(all));
    if (isOdd(judge(RULE, value, spread))) odd.push(at);
  });
  return odd;
}

const Value = fc.oneof(fc.integer({ min: 90, max: 110 }), fc.integer({ min: 0, max: 100_000 }));
const Earlier = fc.array(Value, { maxLength: 30 });
const Batch = fc.array(Value, { minLength: 1, maxLength: 15 });

const POOLS: [string, Method, (earlier: number[], counted: (number | null)[]) => Pool][] = [
  [
    'mean',
    'mean_sd',
    (earlier, counted) => meanPool(earlier.map(momentsOf).reduce(merge, NO_VALUES), counted),
  ],
  ['median', 'median_mad', (earlier, counted) => medianPool(ascending(earlier), counted)],
];

test.each(POOLS)('a batch finds by %s what single checks one after the other find', (_, ...its) => {
  const [method, poolOf] = its;
  fc.assert(
    fc.property(Earlier, Batch, (earlier, batch) => {
      const comparison = compared(
        { ...RULE, method },
        batch.map((value, at) => run(at, value)),
      );
      const judged = judgeRuns(comparison, poolOf(earlier, countedValues(comparison)));
      const odd = judged.filter(({ verdict }) => isOdd(verdict)).map(({ run: { id } }) => id);
      expect(odd).toEqual(oddOnesChecked(method, earlier, batch));
    }),
  );
});

test('a run next to a gigantic one is judged as if that one had never been', () => {
  const values = [1e15, ...Array.from({ length: 10 }, (_, at) => 100 + (at % 2)), 103];
  const comparison = compared(
    RULE,
    values.map((value, at) => run(at, value)),
  );
  const judged = judgeRuns(comparison, meanPool(NO_VALUES, countedValues(comparison)));
  expect(judged.filter(({ verdict }) => isOdd(verdict)).map(({ run: { id } }) => id)).toEqual([
    0, 11,
  ]);
});

test('equal values say nothing about an outlier, even in its own batch', () => {
  const values = [...Array.from({ length: 9 }, () => 0.1), 1e9];
  const comparison = compared(
    RULE,
    values.map((value, at) => run(at, value)),
  );
  const judged = judgeRuns(comparison, meanPool(NO_VALUES, countedValues(comparison)));
  expect(judged.at(-1)?.verdict).toBe('unknown');
});

test.each<Method>(['mean_sd', 'median_mad'])(
  'the last runs count by %s, but for the run',
  (method) => {
    const recent = [500, 12, 11, 10, 9, 8, 1_000, 1_000].map((value, at) => ({
      executionId: 100 - at,
      value,
    }));
    const comparison = compared({ ...RULE, method }, [run(99, 12), run(100, 500)]);
    const pool = recentPool({ method, lastN: 5, recent, batch: [99, 100] });
    const [normal, odd] = judgeRuns(comparison, pool);
    expect(normal?.verdict).toBe('normal');
    expect(odd?.verdict).toMatchObject({ value: 500, baseline: { count: 5, centre: 10 } });
  },
);

test('a run that was found odd before does not count for the others', () => {
  const { runs, rule } = compared(RULE, [run(1, 5, { flags: { total_rows: true } }), run(2, 6)]);
  expect(countedValues({ rule, runs, hour: 9, weekday: null })).toEqual([null, 6]);
});

test('what a person took back stays so', () => {
  const values = Array.from({ length: 10 }, (_, at) => 100 + (at % 2));
  const runs = values.map((value, at) => run(at, value));
  const comparison = compared(RULE, [...runs, run(10, 900, { flags: { total_rows: false } })]);
  const judged = judgeRuns(comparison, meanPool(NO_VALUES, countedValues(comparison)));
  expect(judged.at(-1)?.verdict).toBe('unknown');
});

test('runs share a baseline by hour, by hour of the week, or all of them', () => {
  const runs = [run(1, 1), run(2, 1, { weekday: 2 }), run(3, 1, { hour: 10 })];
  const groups = (baseline: PipelineRule['baseline']) =>
    planComparisons(runs, [{ ...RULE, baseline }], NOW).map((one) => one.runs.map(({ id }) => id));
  expect(groups('hour')).toEqual([[1, 2], [3]]);
  expect(groups('hour_of_week')).toEqual([[1], [2], [3]]);
  expect(groups('last_n')).toEqual([[1, 2, 3]]);
});

test('a run without the metric, too old for the rule, or of another pipeline is not compared', () => {
  const old = { endedAt: new Date('2026-01-01T00:00:00Z') };
  const runs = [run(1, null), run(2, 1, old), run(3, 1, { pipelineId: 2 })];
  expect(planComparisons(runs, [RULE], NOW)).toEqual([]);
  const [recent] = planComparisons(runs, [{ ...RULE, baseline: 'last_n', lastN: 50 }], NOW);
  expect(recent?.runs.map(({ id }) => id)).toEqual([2]);
});
