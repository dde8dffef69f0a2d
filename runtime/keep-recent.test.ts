import { expect, test } from 'vitest';
import { keepRecent } from './keep-recent.ts';

test('what was used last is not loaded again', async () => {
  const loaded: string[] = [];
  const get = keepRecent(2, (key: string) => Promise.resolve(`${key}${loaded.push(key)}`));

  for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await get(key);

  expect(loaded).toEqual(['a', 'b', 'c', 'b']);
  expect(await get('a')).toBe('a1');
});

test('what could not be loaded is asked for again', async () => {
  const answers = [Promise.reject(new Error('away')), Promise.resolve('back')];
  const get = keepRecent(1, () => answers.shift() ?? Promise.reject(new Error('asked too often')));

  await expect(get('a')).rejects.toThrow('away');

  expect(await get('a')).toBe('back');
  expect(await get('a')).toBe('back');
});
