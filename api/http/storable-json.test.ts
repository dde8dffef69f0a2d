import { expect, test } from 'vitest';
import type { Json } from '../../runtime/json.ts';
import { storageProblem } from './storable-json.ts';

function nested(depth: number): Json {
  let value: Json = 1;
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}

test('plain values can be kept', () => {
  expect(storageProblem({ a: [1, null, { b: 'ä🙂' }], c: true })).toBeNull();
  expect(storageProblem(nested(64))).toBeNull();
});

test.each<[Json, string]>([
  [nested(65), 'deeper than 64'],
  [nested(100_000), 'deeper than 64'],
  [{ a: 'x\0' }, 'U+0000'],
  [{ 'x\0': 1 }, 'U+0000'],
  [['\ud800'], 'surrogate'],
  [JSON.parse('{"a": {"__proto__": {}}}') as Json, '__proto__'],
])('what can not be kept is named', (value, text) => {
  expect(storageProblem(value)).toContain(text);
});
