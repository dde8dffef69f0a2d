import { expect, test } from 'vitest';
import { announce } from './announcement.ts';

const quiet = { raise: [], recover: [] };

test('a trouble is raised once, and recovers once', () => {
  expect(announce([], ['a'], false)).toEqual({ raise: ['a'], recover: [], open: ['a'] });
  expect(announce(['a'], ['a'], false)).toEqual({ ...quiet, open: ['a'] });
  expect(announce(['a'], [], false)).toEqual({ raise: [], recover: ['a'], open: [] });
  expect(announce([], [], false)).toEqual({ ...quiet, open: [] });
});

test('each of several troubles begins and ends by itself', () => {
  expect(announce(['a'], ['a', 'b'], false)).toMatchObject({ raise: ['b'], open: ['a', 'b'] });
  expect(announce(['a', 'b'], ['b', 'c'], false)).toEqual({
    ...{ raise: ['c'], recover: ['a'], open: ['b', 'c'] },
  });
});

test('a muted pipeline raises nothing until it is unmuted', () => {
  expect(announce([], ['a'], true)).toEqual({ ...quiet, open: [] });
  expect(announce([], ['a'], false)).toMatchObject({ raise: ['a'] });
});

test('a mute does not end what is open, and keeps nobody from hearing that it is over', () => {
  expect(announce(['a'], ['a', 'b'], true)).toEqual({ ...quiet, open: ['a'] });
  expect(announce(['a'], [], true)).toEqual({ raise: [], recover: ['a'], open: [] });
});
