import { expect, test } from 'vitest';
import { decide, type Asking } from './admission.ts';

const asking = (its: Partial<Asking> = {}): Asking => ({
  ...{ id: 15, pipeline: 'orders', maxRuns: 1, onLimit: 'queue', running: 0, holders: [] },
  ...{ ahead: 0, oldest: [], others: 0, ...its },
});
const held = { running: 1, holders: [12], oldest: [12], others: 1 } as const;

test('a run begins while there is room', () => {
  expect(decide(asking())).toEqual({ is: 'admitted' });
  expect(decide(asking({ ...held, maxRuns: 2 }))).toEqual({ is: 'admitted' });
});

test('a run that is one too many waits, and says for whom and at which place', () => {
  const ahead = { ahead: 1, others: 2, oldest: [12, 13] };

  expect(decide(asking({ ...held, ...ahead }))).toEqual({
    is: 'waiting',
    cancel: [],
    reason: {
      code: 'limit',
      message: 'waits for run 12 of orders (limit 1), place 2',
      place: 2,
    },
  });
});

test('nobody overtakes those who wait, though there is room', () => {
  const reason = {
    code: 'limit',
    message: 'waits for its turn in orders (limit 1), place 2',
    place: 2,
  };

  expect(decide(asking({ ahead: 1, others: 1, oldest: [14] }))).toEqual({
    is: 'waiting',
    cancel: [],
    reason,
  });
});

test('of many that hold the limit some are named', () => {
  const many = { maxRuns: 7, running: 7, holders: [1, 2, 3], others: 7, oldest: [1] };
  const decision = decide(asking(many));

  expect(decision).toMatchObject({
    reason: { message: 'waits for runs 1, 2, 3 and 4 more of orders (limit 7), place 1' },
  });
});

test('with skip it is not begun at all', () => {
  expect(decide(asking({ ...held, onLimit: 'skip' }))).toEqual({
    is: 'refused',
    reason: { code: 'limit', message: 'skipped: run 12 of orders was under way (limit 1)' },
  });
});

test('with cancel_oldest the oldest give way, running or waiting, and the newest stays', () => {
  const three = {
    onLimit: 'cancel_oldest',
    running: 1,
    holders: [12],
    ahead: 1,
    others: 2,
  } as const;

  expect(decide(asking({ ...three, oldest: [12, 14] }))).toMatchObject({
    is: 'waiting',
    cancel: [12, 14],
  });
  expect(decide(asking({ ...three, oldest: [12, 16] }))).toEqual({
    is: 'refused',
    reason: { code: 'superseded', message: 'run 16 came after it (limit 1)' },
  });
});
