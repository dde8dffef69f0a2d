import { expect, test } from 'vitest';
import { leftOutEvidence } from './missed-start.ts';

test('what Temporal let pass is told with why, and only what it ever did', () => {
  expect(leftOutEvidence({ overlap: 3, catchup_window: 0 })).toEqual([
    { key: 'ever left out while a run was under way', value: '3' },
  ]);
  expect(leftOutEvidence({ overlap: 0, catchup_window: 2 })).toEqual([
    { key: 'ever missed while Temporal was down', value: '2' },
  ]);
  expect(leftOutEvidence({ overlap: 0, catchup_window: 0 })).toEqual([]);
});
