import { expect, test } from 'vitest';
import { readDocument } from './document.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const errorsOf = (content: Uint8Array | Error) =>
  readDocument('a.yaml', content).errors.map(
    ({ line, column, code }) => `${line}:${column} ${code}`,
  );

test('UTF-16 is named', () => {
  expect(errorsOf(new Uint8Array([0xff, 0xfe, 0x61, 0x00]))).toEqual(['1:1 yaml.encoding']);
});

test('the first byte that is not UTF-8 is found', () => {
  expect(errorsOf(new Uint8Array([...bytes('a: 1\nb: '), 0xe4, ...bytes('\n')]))).toEqual([
    '2:4 yaml.encoding',
  ]);
});

test('a byte order mark is passed over', () => {
  expect(readDocument('a.yaml', bytes('\ufeffa: 1\n')).value).toEqual({ a: 1 });
});

test('a file that can not be read is one error', () => {
  expect(errorsOf(new Error('EACCES: permission denied'))).toEqual(['1:1 file.unreadable']);
});

test('aliases that multiply are refused, and quickly', () => {
  const levels = Array.from({ length: 9 }, (_, level) => {
    const list = level === 0 ? 'x' : Array.from({ length: 9 }, () => `*l${level - 1}`).join(',');
    return `l${level}: &l${level} [${list}]`;
  });

  expect(errorsOf(bytes(levels.join('\n')))).toEqual(['1:1 yaml.too_large']);
});

test('nesting that would overflow the stack is refused', () => {
  const deep = errorsOf(bytes(`a: ${'['.repeat(100_000)}${']'.repeat(100_000)}`));

  expect(deep).toHaveLength(1);
  expect(deep[0]).toMatch(/yaml\.too_large$/);
});

test('a file of more than 4 MiB is refused', () => {
  expect(errorsOf(new Uint8Array(4 * 1024 * 1024 + 1))).toEqual(['1:1 yaml.too_large']);
});

test('anchors and merged maps are understood, and errors inside them are found', () => {
  const document = readDocument(
    'a.yaml',
    bytes('base: &base\n  kind: loader\na:\n  <<: *base\n  file: x\n'),
  );

  expect(document.value?.['a']).toEqual({ kind: 'loader', file: 'x' });
  expect(document.blame({ path: ['a', 'kind'], code: 'x.y', message: '' })).toMatchObject({
    line: 2,
    column: 9,
  });
});

test('what is not there is blamed on what would hold it', () => {
  const { blame } = readDocument('a.yaml', bytes('a:\n  b: 1\n'));

  expect(blame({ path: ['a', 'c'], at: 'key', code: 'x.y', message: '' })).toMatchObject({
    line: 1,
    column: 1,
  });
});

test.each([
  'a: [1',
  'a: "open',
  'a: b: c',
  'a: @x',
  '? {a: 1}\n: 2',
  'a:\n - 1\n b: 2',
  '\0',
  '%YAML 9\n---\na: 1',
  '&a',
  '- *x',
])('broken YAML is never an exception: %j', (text) => {
  expect(readDocument('a.yaml', bytes(text)).errors.length).toBeGreaterThan(0);
});
