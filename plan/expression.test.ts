import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../runtime/json.ts';
import { evaluate, evaluateText, type RunScope } from './expression.ts';

const SCOPE: RunScope = {
  params: { month: '2001-01', rows: 5, rate: 0.5, list: [1, 2], deep: { a: { b: true } } },
  run: {
    ...{ id: 7, pipeline: 'sample', scheduled_at: '2026-03-29T01:00:00.000Z' },
    ...{ interval_start: '2026-03-28T01:00:00.000Z', interval_end: '2026-03-29T01:00:00.000Z' },
  },
  watermark: null,
  blocks: { pick: { value: { city: 'Seattle' } } },
};
const valueOf = (text: string): Json | undefined => evaluate({ x: text }, SCOPE)['x'];

test.each<[string, Json]>([
  ['plain', 'plain'],
  ['${{ params.month }}', '2001-01'],
  ['${{ params.rows }}', 5],
  ['${{ params.rows + 1 }}', 6],
  ['${{ params.rows * params.rate }}', 2.5],
  ['${{ params.rows / 2.0 }}', 2.5],
  ['${{ params.list }}', [1, 2]],
  ['${{ params.list.map(n, n * 2) }}', [2, 4]],
  ['${{ params.deep.a.b }}', true],
  ['${{ {"a": [params.rows, "x"]} }}', { a: [5, 'x'] }],
  ['${{ watermark }}', null],
  ['${{ watermark == null ? "first" : "next" }}', 'first'],
  ['${{ blocks.pick.value.city }}', 'Seattle'],
  ['${{ timestamp("2001-01-01T00:00:00Z") }}', '2001-01-01T00:00:00.000Z'],
  ['run ${{ run.id }} of ${{ run.pipeline }}', 'run 7 of sample'],
  ['[${{ watermark }}] ${{ params.list }}', '[] [1,2]'],
  ["${{ '${{' }}", '${{'],
])('%s is %j', (text, value) => {
  expect(valueOf(text)).toEqual(value);
});

test('texts are evaluated wherever they stand in a value', () => {
  expect(evaluate({ a: [{ b: '${{ params.rows }}' }, 1, null, true] }, SCOPE)).toEqual({
    a: [{ b: 5 }, 1, null, true],
  });
});

test.each([
  ['${{ params.nope }}', 'no such key: nope'],
  ['${{ params.constructor }}', 'no such key: constructor'],
  ['${{ params.__proto__ }}', 'no such key: __proto__'],
  ['${{ constructor }}', 'unknown variable: constructor'],
  ['${{ process.env }}', 'unknown variable: process'],
  ['${{ env.HOME }}', 'unknown variable: env'],
  ['${{ 1 + }}', 'unexpected token'],
  ['${{ 1 / 0 }}', 'zero'],
  ['${{ 1.0 / 0.0 }}', 'not a finite number'],
  ['${{ 9007199254740991 + 1 }}', 'too large'],
  ['${{ duration("1h") }}', 'no JSON'],
  ['${{ b"x" }}', 'no JSON'],
  ['${{ params.rows', 'never closed'],
])('%s is refused: %s', (text, reason) => {
  expect(() => valueOf(text)).toThrow(
    expect.objectContaining({
      code: 'expression.invalid',
      message: expect.stringContaining(reason) as string,
    }),
  );
});

test('values hold no surprises of prototypes', () => {
  const hostile = JSON.parse(
    '{"__proto__": {"polluted": true}, "x": "${{ params.month }}"}',
  ) as JsonObject;
  const result = evaluate(hostile, SCOPE);

  expect(Object.hasOwn(result, '__proto__')).toBe(true);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test('the address of a connection sees the environment', () => {
  const env = { USER: 'me', EMPTY: undefined };

  expect(evaluateText('postgres://${{ env.USER }}@host/db', { env })).toBe('postgres://me@host/db');
  expect(() => evaluateText('${{ env.WAREHOUSE_URL }}', { env })).toThrow(
    expect.objectContaining({
      code: 'connection.invalid',
      message: '${{ env.WAREHOUSE_URL }}: set the environment variable WAREHOUSE_URL',
    }),
  );
  expect(() => evaluateText('${{ env.EMPTY }}', { env })).toThrow(
    'set the environment variable EMPTY',
  );
  expect(() => evaluateText('${{ params.x }}', { env })).toThrow('unknown variable: params');
});
