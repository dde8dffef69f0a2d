import { expect, test } from 'vitest';
import { judgeFreshness, type FreshnessFacts } from './freshness.ts';

const at = (time: string) => new Date(`2026-11-21T${time}Z`);
const FACTS: FreshnessFacts = {
  active: true,
  threshold: { number: 2, datepart: 'hour' },
  lastDml: at('08:00:00'),
  knownSince: at('00:00:00'),
};

test('data are fresh since they were written, up to and with the deadline', () => {
  expect(judgeFreshness(FACTS, at('10:00:00'))).toEqual({
    ...{ state: 'fresh', reason: 'wrote', since: at('08:00:00'), deadline: at('10:00:00') },
  });
});

test('data are late since the deadline, whenever that is noticed', () => {
  expect(judgeFreshness(FACTS, at('15:30:00'))).toEqual({
    ...{ state: 'late', reason: 'no_new_data', since: at('10:00:00'), deadline: at('10:00:00') },
  });
});

test('a pipeline that never wrote has as long as one that wrote when it became known', () => {
  const silent = { ...FACTS, lastDml: null };

  expect(judgeFreshness(silent, at('01:59:59'))).toMatchObject({
    ...{ state: 'waiting', reason: 'never_wrote', since: at('00:00:00') },
  });
  expect(judgeFreshness(silent, at('02:00:01'))).toMatchObject({
    ...{ state: 'late', reason: 'never_wrote', since: at('02:00:00') },
  });
});

test('nothing is expected of a pipeline that is inactive or has no threshold', () => {
  const now = at('15:00:00');
  expect(judgeFreshness({ ...FACTS, active: false }, now)).toEqual({
    ...{ state: 'off', reason: 'inactive', since: now, deadline: null },
  });
  expect(judgeFreshness({ ...FACTS, threshold: null }, now)).toMatchObject({
    ...{ state: 'off', reason: 'no_threshold' },
  });
});
