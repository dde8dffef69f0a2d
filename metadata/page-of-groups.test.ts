import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pageOfGroups } from './page-of-groups.ts';

test('the groups of a page hold just what the page of the whole list holds', () => {
  const counts = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 8 });
  fc.assert(
    fc.property(counts, fc.nat(30), fc.integer({ min: 1, max: 10 }), (sizes, offset, limit) => {
      const groups = sizes.map((count, key) => ({ key, count }));
      const itemsOf = (keys: readonly number[]) =>
        keys.flatMap((key) => Array.from({ length: sizes[key] ?? 0 }, (_, at) => `${key}/${at}`));

      const { keys, skip } = pageOfGroups(groups, offset, limit);

      const whole = itemsOf(sizes.map((_, key) => key)).slice(offset, offset + limit);
      expect(itemsOf(keys).slice(skip, skip + limit)).toEqual(whole);
      expect(whole.length > 0 || keys.length === 0).toBe(true);
    }),
  );
});

test('a page beyond the end has no groups', () => {
  expect(pageOfGroups([{ key: 'a', count: 3 }], 3, 10)).toEqual({ keys: [], skip: 0 });
});
