import { expect, test } from 'vitest';
import { chainOf, rankCauses, type Cause, type CauseKind } from './why-late.ts';

function cause(kind: CauseKind, message: string, more: Partial<Cause> = {}): Cause {
  return {
    ...{ kind, message, pipeline: 'sales', since: null, run: null, block: null },
    ...{ evidence: [], because: [], ...more },
  };
}

test('what keeps everything from running comes before what is about one block', () => {
  const ranked = rankCauses([
    cause('slow', 'slow'),
    cause('failing', 'fails'),
    cause('no_worker', 'none'),
  ]);

  expect(ranked.map(({ kind }) => kind)).toEqual(['no_worker', 'failing', 'slow']);
});

test('of one kind the oldest comes first', () => {
  const [young, old] = [new Date('2026-11-21T10:00:00Z'), new Date('2026-11-21T09:00:00Z')];
  const ranked = rankCauses([
    cause('upstream_stale', 'unknown'),
    cause('upstream_stale', 'young', { since: young }),
    cause('upstream_stale', 'old', { since: old }),
  ]);
  expect(ranked.map(({ message }) => message)).toEqual(['old', 'young', 'unknown']);
});

test('what explains a cause follows it, one level deeper', () => {
  const shop = cause('failing', 'shop fails', { pipeline: 'shop' });
  const ranked = rankCauses([
    cause('slow', 'slow'),
    cause('upstream_stale', 'shop is late', { because: [shop] }),
  ]);

  expect(ranked.map(({ depth, message }) => [depth, message])).toEqual([
    [0, 'shop is late'],
    [1, 'shop fails'],
    [0, 'slow'],
  ]);
  expect(chainOf(ranked)).toEqual(['shop is late', 'shop fails']);
});
