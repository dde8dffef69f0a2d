import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { block, startHost, writeFiles, type Ended, type TestHost } from './test-host.ts';

let host: TestHost;

beforeAll(async () => {
  host = await startHost(process.env);
}, 180_000);

afterAll(async () => {
  host.requests.end();
  await host.exited;
});

const valueOf = ({ answer }: Ended): unknown =>
  answer.type === 'result' ? answer.result.value : answer.error;
const errorOf = ({ answer }: Ended) => {
  if (answer.type !== 'error') throw new Error(`no error: ${JSON.stringify(answer)}`);
  return answer.error;
};

test('inputs come by alias, and the context only to those who ask for it', async () => {
  const ended = await host.run(
    block(
      'first, *, second, params, watermark, run',
      'return [first, second, params, watermark, run]',
    ),
    {
      inputs: [
        { alias: 'second', value: { b: 2 } },
        { alias: 'first', value: 1 },
        { alias: 'unused', value: 3 },
      ],
      params: { month: '2001-01' },
      watermark: '2001-01-31',
    },
  );
  expect(valueOf(ended)).toEqual([
    1,
    { b: 2 },
    { month: '2001-01' },
    '2001-01-31',
    {
      ...{ id: 7, key: 'k/7', pipeline: 'p', block: 'b', attempt: 1 },
      ...{ scheduledAt: null, intervalStart: null, intervalEnd: null },
    },
  ]);
});

test('**inputs takes every input that no parameter names', async () => {
  const inputs = ['a', 'b', 'c'].map((alias) => ({ alias, value: alias }));
  const ended = await host.run(block('a, **others', 'return [a, others]'), { inputs });
  expect(valueOf(ended)).toEqual(['a', { b: 'b', c: 'c' }]);
});

test('a parameter that is no input is refused with the names of the inputs', async () => {
  const ended = await host.run(block('delay', 'return 1'), {
    inputs: [{ alias: 'delays', value: 1 }],
  });
  expect(errorOf(ended)).toMatchObject({ code: 'block.invalid', retryable: false });
  expect(errorOf(ended).message).toContain("asks for 'delay'");
  expect(errorOf(ended).message).toContain('its inputs are delays');
});

test('an async function is awaited', async () => {
  const files = {
    'block.py':
      'import asyncio\nfrom highwater import block\n\n@block\nasync def made():\n    await asyncio.sleep(0)\n    return "done"\n',
  };
  expect(valueOf(await host.run(files))).toBe('done');
});

test('a file without a block, and one with two, are refused', async () => {
  const none = await host.run({ 'block.py': 'def rate():\n    return 1\n' });
  expect(errorOf(none).message).toContain('block.py has no function under @block');
  const one = 'from highwater import block\n\n@block\ndef a(): pass\n';
  const two = await host.run({ 'block.py': `${one}\n@block\ndef b(): pass\n` });
  expect(errorOf(two)).toMatchObject({ code: 'block.invalid', retryable: false });
  expect(errorOf(two).message).toContain('(a, b)');
});

test('a JSON value is answered inline, and past the limit written to a file', async () => {
  const files = block(
    '',
    'return {"text": "ü" * 40, "when": __import__("datetime").date(2001, 1, 2)}',
  );
  const value = { text: 'ü'.repeat(40), when: '2001-01-02' };
  const inline = await host.run(files);
  expect(inline.answer).toMatchObject({ result: { rows: null, value } });

  const folder = writeFiles({});
  const output = { folder, inlineBytes: 10, watermarkColumn: null };
  const { answer } = await host.run(files, { output });
  const text = readFileSync(join(folder, 'data.json'), 'utf8');
  expect(JSON.parse(text)).toEqual(value);
  expect(answer).toMatchObject({
    result: { file: { name: 'data.json', format: 'json', bytes: Buffer.byteLength(text) } },
  });
});

test('None is no output', async () => {
  const ended = await host.run(block('', 'return None'));
  expect(ended.answer).toMatchObject({ type: 'result', result: { rows: null } });
  expect(existsSync(join(ended.folder, 'data.json'))).toBe(false);
});

test.each([
  ['return {1, 2}', 'cannot be stored'],
  ['return float("nan")', 'cannot be stored'],
  ['return object()', 'cannot be stored'],
  ['import pandas\nreturn pandas.DataFrame()', 'a table without columns'],
  ['import pandas\nreturn pandas.DataFrame([[1, 2]], columns=["a", "A"])', 'have the same name'],
  ['import pandas\nreturn pandas.DataFrame([[1, 2]], columns=["a", "a"])', 'have the same name'],
  ['import pandas\nreturn pandas.DataFrame({"a": [1, "x"]})', "Column 'a' mixes types"],
  ['return iter([])', 'yielded nothing'],
  ['return iter([1])', 'yielded int'],
  ['return iter([[{"a": 1}], [{"b": 1}]])', 'differ in their columns: a, b'],
  ['return iter([[{"a": 1}], [{"a": "x"}]])', 'does not fit the types of the first'],
])('what cannot be stored is refused: %s', async (body, message) => {
  const ended = await host.run(block('', body));
  expect(errorOf(ended)).toMatchObject({ code: 'output.invalid', retryable: false });
  expect(errorOf(ended).message).toContain(message);
});

test('an exception shows the lines of the block and none of the host', async () => {
  const files = {
    'blocks/rate.py':
      'from highwater import block\nfrom shared import fail\n\n@block\ndef rate():\n    fail(3)\n',
    'blocks/shared.py': 'def fail(number):\n    raise ValueError(f"no {number}")\n',
  };
  const ended = await host.run(files, { entry: 'blocks/rate.py' });
  const { code, message, stack, retryable } = errorOf(ended);
  expect({ code, message, retryable }).toEqual({
    code: 'block.failed',
    message: 'ValueError: no 3',
    retryable: true,
  });
  expect(stack?.split('\n').filter((line) => line.includes('File'))).toEqual([
    '  File "blocks/rate.py", line 6, in rate',
    '  File "blocks/shared.py", line 2, in fail',
  ]);
});

test('a syntax error names its place', async () => {
  const ended = await host.run({ 'block.py': 'from highwater import block\ndef x(:\n    pass\n' });
  expect(errorOf(ended)).toMatchObject({ code: 'block.invalid', retryable: false });
  expect(errorOf(ended).message).toMatch(/^block\.py:2:\d+: invalid syntax: def x\(:$/);
});

test('a missing package says where to add it', async () => {
  const ended = await host.run(block('', 'import polars.frame'));
  expect(errorOf(ended)).toMatchObject({
    code: 'block.invalid',
    message: "Python package 'polars' is not installed: add it to requirements.txt",
    retryable: false,
  });
});

test.each([
  ['import sys\nsys.exit(3)', 'The block called sys.exit(3)'],
  ['exit()', 'The block called sys.exit()'],
  ['raise MemoryError()', 'The block ran out of memory'],
  ['def down(): down()\ndown()', 'RecursionError'],
  ['raise KeyboardInterrupt()', 'KeyboardInterrupt'],
])('the host outlives %s', async (body, message) => {
  const ended = await host.run(block('', body));
  expect(errorOf(ended)).toMatchObject({ code: 'block.failed', retryable: true });
  expect(errorOf(ended).message).toContain(message);
});

test('a PermanentError is not retried', async () => {
  const body = 'from highwater import PermanentError\nraise PermanentError("no such month")';
  const ended = await host.run(block('', body));
  expect(errorOf(ended)).toMatchObject({
    code: 'block.invalid',
    message: 'no such month',
    retryable: false,
  });
});

test('an input file that is gone is artifact.missing', async () => {
  const inputs = [{ alias: 'a', path: '/nowhere/data.parquet', format: 'parquet' as const }];
  const ended = await host.run(block('a', 'return 1'), { inputs });
  expect(errorOf(ended)).toMatchObject({ code: 'artifact.missing' });
});
