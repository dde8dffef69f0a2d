import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, expect, test } from 'vitest';
import { code, testPool } from './test-pool.ts';

const BLOCKS = 300;
const CHARACTERS = 50_000;

const { pool, run } = testPool({ max: 1 });
afterAll(() => pool.close());

test('a worker keeps nothing of what its blocks have answered', async () => {
  const work = code(`return 'x'.repeat(${CHARACTERS});`);
  const runSome = async (count: number) => {
    for (let done = 0; done < count; done += 1) await run({ work });
  };
  await runSome(20);
  const before = heldBytes();

  await runSome(BLOCKS);

  expect(heldBytes() - before).toBeLessThan((BLOCKS * CHARACTERS) / 4);
}, 60_000);

function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
