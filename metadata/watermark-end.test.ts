import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyStep, World, type Book } from '../test/support/watermark-world.ts';
import { judgeEnd, type HeldWatermark, type LoadedStretch } from './watermark-end.ts';
import { lowestWatermark } from './watermark-order.ts';

function held(value: string | null, its: Partial<HeldWatermark> = {}): HeldWatermark {
  return { value, type: null, setSince: false, ...its };
}

function loaded(
  read: string | null,
  next: string | null,
  its: Partial<LoadedStretch> = {},
): LoadedStretch {
  return { read, next, began: null, type: null, fullLoad: false, ...its };
}

test('a first execution moves the watermark', () => {
  expect(judgeEnd(held(null), loaded(null, 'anything'))).toEqual({
    end: 'moves',
    reason: 'loaded up to there',
  });
});

test('an end that arrives again finds the watermark there already', () => {
  expect(judgeEnd(held('20'), loaded('10', '20')).end).toBe('same');
  expect(judgeEnd(held('20'), loaded('10', '20.0')).end).toBe('same');
});

test('a late end never moves it back', () => {
  expect(judgeEnd(held('20'), loaded(null, '9'))).toEqual({
    end: 'stays',
    reason: '9 lies before 20',
  });
  const day = loaded('2026-01-01', '2026-01-02', { type: 'date' });
  expect(judgeEnd(held('2026-01-02T00:00:01', { type: 'date' }), day).end).toBe('stays');
});

test('a report whose value is not of the pipeline’s type leaves the watermark', () => {
  expect(judgeEnd(held('10', { type: 'number' }), loaded('10', 'soon'))).toEqual({
    end: 'stays',
    reason: 'soon is not a number',
  });
  expect(judgeEnd(held(null, { type: 'date' }), loaded(null, '12')).end).toBe('stays');
});

test('an execution that crossed a shorter one moves it on: it has loaded all that lies between', () => {
  expect(judgeEnd(held('15'), loaded('10', '20')).end).toBe('moves');
});

test('an execution that began beyond the watermark leaves a gap, and leaves the watermark', () => {
  expect(judgeEnd(held('50'), loaded('50', '120', { began: '100' }))).toEqual({
    end: 'stays',
    reason: 'this began at 100, beyond 50',
  });
});

test('one that loads some rows again, to be sure of late ones, moves it', () => {
  expect(judgeEnd(held('100'), loaded('100', '120', { began: '90' })).end).toBe('moves');
});

test('values without an order move only from the one that the execution began with', () => {
  expect(judgeEnd(held('aa'), loaded('aa', 'b')).end).toBe('moves');
  expect(judgeEnd(held('aa'), loaded('x', 'b', { began: 'aa' })).end).toBe('moves');
  expect(judgeEnd(held('ab'), loaded('aa', 'b'))).toEqual({
    end: 'stays',
    reason: 'it moved to ab after this began at aa',
  });
});

test('without a watermark an execution begins where it likes, but not where the watermark was before', () => {
  const past = ['100', 'lsn:C'];
  expect(judgeEnd(held(null, { past }), loaded(null, '120', { began: '0' })).end).toBe('moves');
  expect(judgeEnd(held(null, { past }), loaded(null, '120', { began: '100.0' }))).toEqual({
    end: 'stays',
    reason: 'this began at 100.0, where the watermark is no longer',
  });
});

test('without an order the same holds while the watermark is elsewhere', () => {
  const from = (began: string) => loaded('lsn:A', 'lsn:D', { began });
  const away = held('lsn:A', { past: ['lsn:A', 'lsn:C'] });
  expect(judgeEnd(away, from('lsn:C')).end).toBe('stays');
  expect(judgeEnd(away, from('lsn:B')).end).toBe('moves');
  expect(judgeEnd(away, from('lsn:A')).end).toBe('moves');
});

test('a column of another type starts a new order', () => {
  const next = loaded('2026-01-01', 'a', { type: 'text' });
  expect(judgeEnd(held('2026-01-01', { type: 'date' }), next).end).toBe('moves');
  expect(judgeEnd(held('2026-01-02', { type: 'date' }), next).end).toBe('stays');
});

test('what somebody has set meanwhile stays', () => {
  expect(judgeEnd(held('5', { setSince: true }), loaded('5', '20'))).toEqual({
    end: 'stays',
    reason: 'it was set to 5 after this began',
  });
  expect(judgeEnd(held(null, { setSince: true }), loaded('5', '20')).end).toBe('stays');
});

test('a full load takes it along, even back, and says so', () => {
  const full = { fullLoad: true };
  expect(judgeEnd(held('10'), loaded(null, '20', full)).reason).toBe('full load');
  expect(judgeEnd(held('30'), loaded(null, '20', full)).reason).toBe('a full load ended before it');
  expect(judgeEnd(held('30'), loaded(null, null, full)).end).toBe('moves');
});

/** The rule by itself, with a clock that ticks at each beginning and each setting. */
function ruleBook(): Book {
  let clock = 0;
  let value: number | null = null;
  const past: string[] = [];
  const settings: { at: number; to: number | null }[] = [];
  const move = (to: number | null) => {
    if (value !== null) past.push(String(value));
    value = to;
  };
  const set = (to: number | null) => {
    move(to);
    settings.push({ at: clock++, to });
  };
  const opened = new Map<number, { at: number; read: number | null; fullLoad: boolean }>();
  const text = (number: number | null) => (number === null ? null : String(number));
  return {
    open(id, fullLoad) {
      opened.set(id, { at: clock++, read: value, fullLoad });
      return Promise.resolve(value);
    },
    succeed(id, { began, next }) {
      const { at, read, fullLoad } = opened.get(id) ?? { at: 0, read: null, fullLoad: false };
      const since = settings.filter((setting) => setting.at > at).map(({ to }) => text(to));
      const lowest = lowestWatermark([text(next), ...(fullLoad ? since : [])], 'number');
      const { end } = judgeEnd(
        { value: text(value), type: 'number', setSince: since.length > 0, past },
        { read: text(read), began: text(began), next: lowest, type: 'number', fullLoad },
      );
      const to = lowest === null ? null : Number(lowest);
      if (fullLoad) set(to);
      else if (end === 'moves') move(to);
      return Promise.resolve();
    },
    fail: () => Promise.resolve(),
    set(to) {
      set(to);
      return Promise.resolve();
    },
    read: () => Promise.resolve(value),
  };
}

test('whatever crosses whatever, no row up to the watermark is ever missing', async () => {
  const anySteps = fc.array(anyStep, { maxLength: 60, size: 'max' });
  const holds = fc.asyncProperty(anySteps, (steps) => new World(ruleBook()).neverMisses(steps));
  await fc.assert(holds, { numRuns: 1_000 });
});
