import { expect, test } from 'vitest';
import { findMissedStarts, nextMissable, type ExpectedStart } from './expected-starts.ts';

const at = (time: string) => new Date(`2026-11-21T${time}Z`);

function promised(time: string, by = 'nightly'): ExpectedStart {
  return { pipelineId: 1, by, triggerId: null, at: at(time), graceMs: 60_000 };
}

test('a start is missed when its grace has passed and no run came', () => {
  const expected = [promised('02:00:00')];

  expect(findMissedStarts(expected, at('01:00:00'), at('02:01:00'))).toEqual([]);
  expect(findMissedStarts(expected, at('01:00:00'), at('02:01:01'))).toEqual([
    { by: 'nightly', triggerId: null, at: at('02:00:00'), deadline: at('02:01:00') },
  ]);
  expect(findMissedStarts(expected, null, at('02:01:01'))).toHaveLength(1);
});

test('a run at the promised moment or after it keeps every promise before', () => {
  const expected = [promised('01:00:00'), promised('02:00:00')];

  expect(findMissedStarts(expected, at('02:00:00'), at('03:00:00'))).toEqual([]);
  expect(findMissedStarts(expected, at('01:30:00'), at('03:00:00'))).toMatchObject([
    { at: at('02:00:00') },
  ]);
});

test('of several starts that one trigger missed the oldest is told, beside those of others', () => {
  const expected = [promised('02:00:00'), promised('01:30:00', 'noon'), promised('01:00:00')];

  expect(findMissedStarts(expected, null, at('03:00:00'))).toMatchObject([
    { by: 'nightly', at: at('01:00:00') },
    { by: 'noon', at: at('01:30:00') },
  ]);
});

test('the next promise is looked at when its grace ends', () => {
  const expected = [promised('01:00:00'), promised('04:00:00'), promised('05:00:00')];

  expect(nextMissable(expected, null, at('03:00:00'))).toEqual(at('04:01:00'));
  expect(nextMissable(expected, at('05:00:00'), at('03:00:00'))).toBeNull();
});
