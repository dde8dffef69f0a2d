import { expect, test } from 'vitest';
import { findMissedStart, nextMissable, type ExpectedStart } from './expected-starts.ts';

const at = (time: string) => new Date(`2026-11-21T${time}Z`);

function promised(time: string): ExpectedStart {
  return { pipelineId: 1, by: 'nightly', at: at(time), graceMs: 60_000 };
}

test('a start is missed when its grace has passed and no run came', () => {
  const expected = [promised('02:00:00')];

  expect(findMissedStart(expected, at('01:00:00'), at('02:01:00'))).toBeNull();
  expect(findMissedStart(expected, at('01:00:00'), at('02:01:01'))).toEqual({
    ...{ by: 'nightly', at: at('02:00:00'), deadline: at('02:01:00') },
  });
  expect(findMissedStart(expected, null, at('02:01:01'))).not.toBeNull();
});

test('a run at the promised moment or after it keeps every promise before', () => {
  const expected = [promised('01:00:00'), promised('02:00:00')];

  expect(findMissedStart(expected, at('02:00:00'), at('03:00:00'))).toBeNull();
  expect(findMissedStart(expected, at('01:30:00'), at('03:00:00'))?.at).toEqual(at('02:00:00'));
});

test('the oldest of several missed starts is told', () => {
  const expected = [promised('02:00:00'), promised('01:00:00')];
  expect(findMissedStart(expected, null, at('03:00:00'))?.at).toEqual(at('01:00:00'));
});

test('the next promise is looked at when its grace ends', () => {
  const expected = [promised('01:00:00'), promised('04:00:00'), promised('05:00:00')];

  expect(nextMissable(expected, null, at('03:00:00'))).toEqual(at('04:01:00'));
  expect(nextMissable(expected, at('05:00:00'), at('03:00:00'))).toBeNull();
});
