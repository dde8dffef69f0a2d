import { expect, test } from 'vitest';
import { freshAgainText, lateRunText, staleText } from './deadline-notices.ts';

const sales = { id: 7, name: 'sales' };
const threshold = { number: 2, datepart: 'hour', from: 'pipeline' } as const;

test('an alert on freshness has the words of Watcher', () => {
  const [detail] = staleText(sales, new Date('2026-11-21T08:00:00.250Z'), threshold).details;
  expect(detail).toEqual({
    key: 'Failed Pipelines',
    value:
      '\n\t• sales (ID: 7): Last DML 2026-11-21 08:00:00.250000+00:00, Expected within 2 hours',
  });
});

test('a recovery names when data came', () => {
  expect(freshAgainText(sales, new Date('2026-11-21T11:00:00Z')).message).toBe(
    "Pipeline 'sales' (ID: 7) is no longer overdue: Last DML 2026-11-21 11:00:00+00:00",
  );
});

test('an alert on timeliness has the words of Watcher', () => {
  const late = { executionId: 12, pipeline: 'sales', durationMs: 30 * 60_000 } as const;
  const ofType = { number: 20, datepart: 'minute', from: 'type' } as const;

  expect(lateRunText({ ...late, status: 'completed', threshold: ofType }).details).toEqual([
    {
      key: 'Failed Executions',
      value:
        "\n\t• Pipeline 'sales' (Execution ID: 12): 30 minutes (completed), Expected within 20 minutes (parent config)",
    },
  ]);
});
