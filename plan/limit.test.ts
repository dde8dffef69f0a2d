import { expect, test } from 'vitest';
import { definitions } from '../test/support/definitions.ts';
import { compile } from './compile.ts';
import { limitOf } from './limit.ts';

const BLOCKS =
  'params: { customer: { type: string } }\nblocks: { a: { kind: custom, file: a.ts } }';
const planOf = (concurrency = '') =>
  compile('sample', definitions({ sample: `${concurrency}\n${BLOCKS}` })).plan;

test('without concurrency a run has no limit, and the plan is what it was', () => {
  const plan = planOf();

  expect(limitOf(plan, {})).toBeNull();
  expect(plan).not.toHaveProperty('concurrency');
  expect(plan.blocks[0]).not.toHaveProperty('pool');
});

test('without key all runs share one limit; with it those of the same value do', () => {
  const keyed = planOf("concurrency: { max_runs: 2, key: '${{ params.customer }}' }");

  expect(limitOf(planOf('concurrency: { max_runs: 2 }'), {})).toEqual({ key: '', maxRuns: 2 });
  expect(limitOf(keyed, { customer: 'acme' })).toEqual({ key: 'acme', maxRuns: 2 });
});

test('a long key stays within what an index takes', () => {
  const keyed = planOf("concurrency: { max_runs: 1, key: '${{ params.customer }}' }");
  const [a, b] = ['a', 'b'].map((end) => limitOf(keyed, { customer: 'x'.repeat(5_000) + end }));

  expect(a?.key).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(a?.key).not.toBe(b?.key);
});

test('a key that these params leave without a value is an expression.invalid', () => {
  const keyed = planOf("concurrency: { max_runs: 1, key: '${{ params.customer.size() + 1 }}' }");

  expect(() => limitOf(keyed, { customer: null })).toThrow(/params\.customer/);
});
