import { expect, test } from 'vitest';
import { judgeTimeliness, listDues, type TimelinessFacts } from './timeliness.ts';

const at = (time: string) => new Date(`2026-11-21T${time}Z`);
const FACTS: TimelinessFacts = {
  active: true,
  threshold: { number: 20, datepart: 'minute' },
  success: null,
  failure: null,
  running: null,
  missed: [],
  isScheduled: false,
  knownSince: at('00:00:00'),
};
const success = { id: 1, start: at('01:00:00'), end: at('01:20:00') };

test('a run that ended at its deadline ended in time', () => {
  expect(judgeTimeliness({ ...FACTS, success }, at('05:00:00'))).toMatchObject({
    ...{ state: 'on_time', reason: 'ended_in_time', since: at('01:20:00'), executionId: 1 },
  });
});

test('a run that ended after its deadline is late until the next one ends', () => {
  const late = { ...success, end: at('01:20:01') };

  expect(judgeTimeliness({ ...FACTS, success: late }, at('05:00:00'))).toMatchObject({
    ...{ state: 'late', reason: 'ended_late', since: at('01:20:00'), executionId: 1 },
  });
});

test('an open run is late once its deadline has passed', () => {
  const facts = { ...FACTS, success, running: { id: 2, start: at('02:00:00') } };

  expect(judgeTimeliness(facts, at('02:20:00'))).toMatchObject({
    ...{ state: 'on_time', deadline: at('02:20:00') },
  });
  expect(judgeTimeliness(facts, at('02:20:01'))).toMatchObject({
    ...{ state: 'late', reason: 'still_running', since: at('02:20:00'), executionId: 2 },
  });
});

test('a failed run is late when nothing has succeeded by its deadline', () => {
  const facts = { ...FACTS, success, failure: { id: 2, start: at('02:00:00') } };

  expect(judgeTimeliness(facts, at('02:10:00'))).toMatchObject({ state: 'on_time' });
  expect(judgeTimeliness(facts, at('02:20:01'))).toMatchObject({
    ...{ state: 'late', reason: 'failed', since: at('02:20:00'), executionId: 2 },
  });
});

test('a second try that runs does not excuse the failed one', () => {
  const facts = {
    ...FACTS,
    failure: { id: 2, start: at('02:00:00') },
    running: { id: 3, start: at('02:15:00') },
  };
  expect(judgeTimeliness(facts, at('02:40:00'))).toMatchObject({ reason: 'failed' });
});

test('a start that did not come makes it late, with or without a threshold', () => {
  const missed = [{ by: 'nightly', triggerId: null, at: at('02:00:00'), deadline: at('02:01:00') }];
  const facts = { ...FACTS, success, missed, isScheduled: true };
  const late = { state: 'late', reason: 'not_started', since: at('02:01:00') };

  expect(judgeTimeliness(facts, at('02:01:01'))).toMatchObject(late);
  expect(judgeTimeliness({ ...facts, threshold: null }, at('02:01:01'))).toMatchObject(late);
});

test('of several reasons the oldest is told', () => {
  const facts = {
    ...FACTS,
    running: { id: 2, start: at('01:50:00') },
    missed: [{ by: 'nightly', triggerId: null, at: at('02:00:00'), deadline: at('02:01:00') }],
  };
  expect(judgeTimeliness(facts, at('03:00:00'))).toMatchObject({ reason: 'not_started' });
  expect(listDues(facts).map(({ reason }) => reason)).toEqual(['not_started', 'still_running']);
  expect(listDues({ ...facts, active: false })).toEqual([]);
});

test('a pipeline without any success waits, without any promise it is off', () => {
  const now = at('05:00:00');
  expect(judgeTimeliness(FACTS, now)).toMatchObject({
    ...{ state: 'waiting', reason: 'no_success_yet', since: at('00:00:00') },
  });
  expect(judgeTimeliness({ ...FACTS, threshold: null }, now)).toMatchObject({
    ...{ state: 'off', reason: 'no_threshold' },
  });
  expect(judgeTimeliness({ ...FACTS, active: false }, now)).toMatchObject({
    ...{ state: 'off', reason: 'inactive' },
  });
});
