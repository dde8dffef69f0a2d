import { expect, test } from 'vitest';
import { WaitQuery } from '../contract/query.ts';
import { NextQuery } from '../contract/trigger.ts';
import { parse } from './parse.ts';

test('what is wrong with a query is told once, and without a code of definitions', () => {
  expect(() => parse(WaitQuery, { wait: 'long' }, 'query')).toThrow(
    /^query\.wait: must be a duration such as 500ms, 10s, 5m, 1h30m or 2d$/,
  );
  expect(() => parse(NextQuery, { after: 'yesterday' }, 'query')).toThrow(
    /^query\.after: must be a day in UTC, or a time such as 2026-10-24T00:00Z$/,
  );
  expect(() => parse(NextQuery, { after: '2026-13-01' }, 'query')).toThrow(
    /^query\.after: there is no such time$/,
  );
});
