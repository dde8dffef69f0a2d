import { expect, test } from 'vitest';
import { readCadence } from './cadence.ts';

test.for([
  ['15m', { kind: 'clock', ms: 900_000 }],
  ['1h30m', { kind: 'clock', ms: 5_400_000 }],
  ['24h', { kind: 'clock', ms: 86_400_000 }],
  ['1d', { kind: 'days', count: 1 }],
  ['10 days', { kind: 'days', count: 10 }],
  ['2w', { kind: 'days', count: 14 }],
  ['month', { kind: 'months', count: 1 }],
  ['1 month', { kind: 'months', count: 1 }],
  ['1mo', { kind: 'months', count: 1 }],
  ['1 quarter', { kind: 'months', count: 3 }],
  ['2 years', { kind: 'months', count: 24 }],
] as const)('%s is a step', ([text, cadence]) => {
  expect(readCadence(text)).toEqual(cadence);
});

test.for(['', '0h', '0 days', '1d12h', '1M', '-1d', '1.5h', 'often', '1 fortnight', '500ms'])(
  '"%s" is no step',
  (text) => {
    expect(() => readCadence(text)).toThrow('is no step');
  },
);
