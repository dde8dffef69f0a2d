import { afterEach, expect, test } from 'vitest';
import { Rounds, type RoundsOptions } from './rounds.ts';

const HOUR_MS = 3_600_000;

const told: string[] = [];
let rounds: Rounds;

function begin(
  round: RoundsOptions['round'],
  everyMs = HOUR_MS,
  failed: RoundsOptions['failed'] = (error) => told.push((error as Error).message),
): void {
  rounds = new Rounds({ round, everyMs, failed });
  rounds.start();
}

/** Begins rounds that do one of these each; resolves when the last of them is done. */
function play(...steps: (() => void)[]): Promise<void> {
  return new Promise((resolve) => {
    const left = [...steps];
    begin(async () => {
      const step = left.shift();
      if (left.length === 0) resolve();
      await Promise.resolve().then(step);
    }, 1);
  });
}

function fail(message: string) {
  return () => {
    throw new Error(message);
  };
}

afterEach(async () => {
  await rounds.stop();
  told.length = 0;
});

test('one round follows another, each after the pause', async () => {
  await play(
    () => undefined,
    () => undefined,
    () => undefined,
  );
});

test('a round can say how long the next one may wait', async () => {
  let count = 0;
  const third = new Promise<void>((resolve) => {
    begin(() => {
      if (++count === 3) resolve();
      return Promise.resolve(1);
    });
  });

  await third;
});

test('a ring cuts the pause short, and the round knows that somebody rang', async () => {
  const rings: boolean[] = [];
  await new Promise<void>((resolve) => {
    begin((rung) => {
      rings.push(rung);
      if (rings.length === 2) resolve();
      else setImmediate(rounds.ring);
      return Promise.resolve();
    });
  });

  expect(rings).toEqual([false, true]);
});

test('who rings during a round gets another one', async () => {
  let count = 0;
  await new Promise<void>((resolve) => {
    begin(async () => {
      if (++count === 2) resolve();
      else await Promise.resolve().then(rounds.ring);
    });
  });

  expect(count).toBe(2);
});

test('stop waits for the round at hand, tells it so, and no other one begins', async () => {
  let [begun, ended] = [0, 0];
  let goOn: () => void = () => undefined;
  begin(async () => {
    begun++;
    await new Promise<void>((resolve) => (goOn = resolve));
    ended++;
  });

  const stopped = rounds.stop();
  expect(rounds.signal.aborted).toBe(true);
  expect([begun, ended]).toEqual([1, 0]);
  goOn();
  await stopped;

  expect([begun, ended]).toEqual([1, 1]);
});

test('rounds go on after one that fails, and the same failure is told once', async () => {
  await play(fail('away'), fail('away'), fail('away'), () => undefined);

  expect(told).toEqual(['away']);
});

test('a failure is told again after a round that succeeded, and another one at once', async () => {
  await play(
    fail('away'),
    () => undefined,
    fail('away'),
    fail('refused'),
    fail('away'),
    () => undefined,
  );

  expect(told).toEqual(['away', 'away', 'refused', 'away']);
});
