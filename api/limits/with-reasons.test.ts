import { expect, test } from 'vitest';
import type { RunRecord } from '../../db/runs/runs.ts';
import type { Reason } from '../../metadata/limits/admission.ts';
import { reasonInside } from './with-reasons.ts';

const running = { state: 'running', reason: null } as RunRecord;
const sensor = (block: string, message: string) => ({
  ...{ block, state: 'running' as const, checks: 3 },
  reason: { code: 'sensor', message } satisfies Reason,
});
const working = { block: 'load', state: 'running' as const, checks: null, reason: null };
const pool = {
  block: 'publish',
  reason: { code: 'pool', message: 'waits for 1 slot of desk, place 2', place: 2 } satisfies Reason,
};

test('a run of which all blocks wait says for what the first one waits', () => {
  expect(reasonInside(running, [sensor('arrived', 'no file')], [])).toEqual({
    code: 'sensor',
    message: 'arrived: no file',
  });
  expect(reasonInside(running, [], [pool])).toEqual({
    code: 'pool',
    message: 'publish waits for 1 slot of desk, place 2',
    place: 2,
  });
});

test('how many others wait is counted', () => {
  const sensors = [sensor('a', 'no file'), sensor('b', 'no answer')];
  expect(reasonInside(running, sensors, [])?.message).toBe('a: no file; 1 more waits');
  expect(reasonInside(running, sensors, [pool])?.message).toBe('a: no file; 2 more wait');
});

test('a run of which a block works waits for nothing', () => {
  expect(reasonInside(running, [working, sensor('arrived', 'no file')], [pool])).toBeNull();
});

test('who asked a run to stop is told before what its blocks wait for', () => {
  const reason = { code: 'cancelled', message: 'asked to stop by ada' } satisfies Reason;
  const asked = { ...running, reason } as RunRecord;
  expect(reasonInside(asked, [sensor('arrived', 'no file')], [])).toEqual(reason);
});
