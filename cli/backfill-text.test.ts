import { stripVTControlCharacters as plain } from 'node:util';
import { expect, test } from 'vitest';
import type { BackfillInterval, BackfillSummary } from '../api/contract/backfill.ts';
import { drawFailed } from './backfill-text.ts';

const failed: BackfillInterval = {
  ...{ nr: 1, start: '2026-01-01T00:00:00Z', end: '2026-01-02T00:00:00Z' },
  ...{ state: 'failed', attempts: 1, run: 7, error: { code: 'block.failed', message: 'no table' } },
};

const draw = (more: Partial<BackfillSummary>, shown: readonly BackfillInterval[]) => {
  const backfill = { id: 3, state: 'failed', timezone: 'UTC', counts: {}, ...more };
  return drawFailed(backfill as BackfillSummary, shown).map(plain);
};

test('what did not succeed is told with its reason, how many more there are, and how to run it again', () => {
  expect(draw({ counts: { failed: 20, skipped: 3 } }, [failed])).toEqual([
    '  ✗ 2026-01-01  run 7    no table',
    '  … and 22 more: highwater backfills intervals 3',
    '  Run them again: highwater backfills retry 3',
  ]);
});

test('what a cancelled backfill has left is not for a retry', () => {
  expect(draw({ state: 'cancelled', counts: { failed: 1 } }, [failed])).toEqual([
    '  ✗ 2026-01-01  run 7    no table',
  ]);
});

test('nothing is told where nothing failed', () => {
  expect(draw({ state: 'running', counts: { succeeded: 4 } }, [])).toEqual([]);
});
