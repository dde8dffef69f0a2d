import { expect, test } from 'vitest';
import { windowsBeyond, type LoadedWindow } from './loaded-windows.ts';

/** The newest first, like `10-20`. */
function windows(...texts: string[]): LoadedWindow[] {
  return texts.map((text, at) => {
    const [from = '', to = ''] = text.split('-');
    return { run: texts.length - at, from: from === '' ? null : from, to, rows: 1 };
  });
}

const runs = (found: readonly LoadedWindow[] | undefined) => found?.map(({ run }) => run);

test('windows that end beyond the place are loaded again, those that begin before it too', () => {
  const all = windows('20-100', '9-20', '-9');
  expect(runs(windowsBeyond(all, '15', 'number'))).toEqual([3, 2]);
  expect(runs(windowsBeyond(all, '20', 'number'))).toEqual([3]);
  expect(runs(windowsBeyond(all, '100', 'number'))).toEqual([]);
});

test('earlier rewinds do not hide what was loaded before them', () => {
  expect(runs(windowsBeyond(windows('5-8', '20-30', '5-20', '-5'), '10', null))).toEqual([3, 2]);
});

test('without a watermark everything is loaded again', () => {
  expect(runs(windowsBeyond(windows('a-b', '-a'), null, 'text'))).toEqual([2, 1]);
});

test('values without an order tell it by the run that last ended there', () => {
  const all = windows('b-c', 'a-b', 'c-a', '-c');
  expect(runs(windowsBeyond(all, 'a', null))).toEqual([4, 3]);
  expect(windowsBeyond(all, 'x', null)).toBeUndefined();
});
