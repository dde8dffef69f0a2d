import { expect, test } from 'vitest';
import { gather, type Gathering } from './gather.ts';

interface Group {
  readonly items: readonly number[];
  answer(): void;
  fail(error: Error): void;
}

/** Groups as they come; each waits until the test lets it go on. */
function watch(options: Partial<Gathering<number>> = {}) {
  const groups: Group[] = [];
  const ask = gather<number, number>(
    (items) =>
      new Promise((resolve, reject) => {
        const answer = () => {
          resolve(items.map((item) => item * 10));
        };
        groups.push({ items, answer, fail: reject });
      }),
    { most: 10, lanes: 2, ...options },
  );
  return { ask, groups };
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

test('what is asked while a group is under way comes together in the next one', async () => {
  const { ask, groups } = watch();
  const first = ask(1);
  await nextTurn();
  const others = [ask(2), ask(3)];
  await nextTurn();
  expect(groups.map(({ items }) => items)).toEqual([[1]]);

  groups[0]?.answer();
  expect(await first).toBe(10);
  await expect.poll(() => groups[1]?.items).toEqual([2, 3]);
  groups[1]?.answer();

  expect(await Promise.all(others)).toEqual([20, 30]);
});

test('a group never holds more than it may, nor the same key twice', async () => {
  const { ask, groups } = watch({ most: 2, lanes: 1, keyOf: (item) => item % 10 });
  const all = [ask(1), ask(11), ask(2), ask(3)];
  for (const at of [0, 1]) {
    await expect.poll(() => groups[at]).toBeDefined();
    groups[at]?.answer();
  }

  expect(await Promise.all(all)).toEqual([10, 110, 20, 30]);
  expect(groups.map(({ items }) => items)).toEqual([
    [1, 2],
    [11, 3],
  ]);
});

test('a group that takes long does not hold up the next one', async () => {
  const { ask, groups } = watch();
  const slow = ask(1);
  await nextTurn();
  const quick = ask(2);
  await expect.poll(() => groups.length).toBe(2);

  groups[1]?.answer();
  expect(await quick).toBe(20);
  groups[0]?.answer();
  expect(await slow).toBe(10);
});

test('when a group is refused each call is tried alone, and fails alone', async () => {
  const { ask, groups } = watch();
  const all = Promise.allSettled([ask(1), ask(2)]);
  await nextTurn();
  groups[0]?.fail(new Error('one of them is bad'));
  await expect.poll(() => groups.length).toBe(3);
  groups[1]?.fail(new Error('bad'));
  groups[2]?.answer();

  expect(await all).toMatchObject([
    { status: 'rejected', reason: { message: 'bad' } },
    { status: 'fulfilled', value: 20 },
  ]);
});

test('a call whose key is under way waits for its end, also when another group goes on', async () => {
  const { ask, groups } = watch({ keyOf: (item) => item % 10 });
  const first = ask(1);
  await nextTurn();
  const [same, other] = [ask(11), ask(2)];
  await expect.poll(() => groups[1]?.items).toEqual([2]);
  groups[1]?.answer();
  expect(await other).toBe(20);
  groups[0]?.answer();
  expect(await first).toBe(10);
  await expect.poll(() => groups[2]?.items).toEqual([11]);
  groups[2]?.answer();
  expect(await same).toBe(110);
});

test('a call that was in a deadlock is tried again', async () => {
  const { ask, groups } = watch();
  const one = ask(1);
  await nextTurn();
  groups[0]?.fail(Object.assign(new Error('deadlock detected'), { code: '40P01' }));
  await expect.poll(() => groups.length).toBe(2);
  groups[1]?.answer();
  expect(await one).toBe(10);
});

test('nothing is tried again while the database is away', async () => {
  const { ask, groups } = watch();
  const all = Promise.allSettled([ask(1), ask(2)]);
  await nextTurn();
  groups[0]?.fail(new Error('Connection terminated unexpectedly'));

  expect((await all).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(groups).toHaveLength(1);
});
