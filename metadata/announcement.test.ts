import { expect, test } from 'vitest';
import { announce } from './announcement.ts';

const quiet = { raise: null, recover: null };

test('a trouble is raised once, and recovers once', () => {
  expect(announce(null, 'a', false)).toEqual({ raise: 'a', recover: null, open: 'a' });
  expect(announce('a', 'a', false)).toEqual({ ...quiet, open: 'a' });
  expect(announce('a', null, false)).toEqual({ raise: null, recover: 'a', open: null });
  expect(announce(null, null, false)).toEqual({ ...quiet, open: null });
});

test('another trouble takes the place of the one before', () => {
  expect(announce('a', 'b', false)).toEqual({ raise: 'b', recover: 'a', open: 'b' });
});

test('a muted pipeline raises nothing until it is unmuted', () => {
  expect(announce(null, 'a', true)).toEqual({ ...quiet, open: null });
  expect(announce(null, 'a', false)).toMatchObject({ raise: 'a' });
});

test('a mute does not end what is open, and keeps nobody from hearing that it is over', () => {
  expect(announce('a', 'a', true)).toEqual({ ...quiet, open: 'a' });
  expect(announce('a', null, true)).toEqual({ raise: null, recover: 'a', open: null });
});
