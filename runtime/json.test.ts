import { expect, test } from 'vitest';
import { postgresJson } from './json.ts';

test('what Postgres takes is left as it is', () => {
  const value = {
    text: 'a "b" \n \\ \\u0000 \\\\ud83d \u0001 \u2028 \u{1f600}',
    list: [1, null, true],
  };
  expect(JSON.parse(postgresJson(value))).toEqual(value);
});

test('a NUL and half of a surrogate pair are replaced, in keys too', () => {
  const value = { 'k\0ey': ['\0', '\\\0', '\ud83d', '\ude00\ud83d', '\udbff!'] };
  expect(JSON.parse(postgresJson(value))).toEqual({
    'k\u2400ey': ['\u2400', '\\\u2400', '\ufffd', '\ufffd\ufffd', '\ufffd!'],
  });
});
