import { expect, test } from 'vitest';
import { placed } from './problem.ts';

function messageFor(text: string): string {
  try {
    JSON.parse(text);
  } catch (error) {
    return placed((error as Error).message, text);
  }
  throw new Error('It is JSON');
}

test('a fault in JSON is placed by line and column', () => {
  expect(messageFor('{\n  "a": 1,\n  "b" 2\n}')).toContain('at line 3, column 7');
});

test('a fault in the first line is placed there', () => {
  expect(messageFor('{"a" 1}')).toContain('at line 1, column 6');
});

test('a text that is cut off says so', () => {
  expect(messageFor('{"a": ')).toMatch(/at its end|line 1, column 7/);
});
