import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { nodeHost } from './node/command.ts';
import { createHostPool, type HostPool } from './pool.ts';
import { until } from '../test/support/until.ts';
import { code, newFolder } from './test-pool.ts';

const IDLE_MS = 100;

const projectDir = newFolder();
const start = () => nodeHost({ env: { PATH: '/usr/bin:/bin' }, projectDir });
const slow = async (tell: (line: string) => void) => {
  tell('installing packages');
  await sleep(2_500);
  return start();
};
const slowPool = createHostPool({ commands: { typescript: slow, python: slow }, max: 2 });
const briefPool = createHostPool({
  commands: { typescript: start, python: start },
  max: 3,
  idleMs: IDLE_MS,
});

const wearingPool = createHostPool({
  commands: { typescript: start, python: start },
  max: 5,
  runs: 2,
});

afterAll(async () => {
  await Promise.all([slowPool.close(), briefPool.close(), wearingPool.close()]);
});

async function run(pool: HostPool, body: string, timeoutMs: number) {
  const lines: string[] = [];
  const request = {
    work: code(body),
    inputs: [],
    params: {},
    watermark: null,
    run: {
      ...{ id: 1, key: 'k', pipeline: 'p', block: 'b', attempt: 1 },
      ...{ scheduledAt: null, intervalStart: null, intervalEnd: null },
    },
    output: { folder: newFolder(), inlineBytes: 65_536, watermarkColumn: null },
    projectDir,
  };
  const onLog = (_level: unknown, line: string) => lines.push(line);
  const { result } = await pool.run('typescript', request, { onLog, timeoutMs });
  return { value: result.value, lines };
}

test("a block's time begins when there is a host for it, and meanwhile it hears what it waits for", async () => {
  const { value, lines } = await run(slowPool, 'return { ok: true };', 2_400);
  expect(value).toEqual({ ok: true });
  expect(lines).toEqual(['installing packages']);
});

test('of hosts that nobody has needed for a while one stays', async () => {
  const pidOf = async (body: string) => Number((await run(briefPool, body, 30_000)).value);
  const together = `await new Promise((resolve) => setTimeout(resolve, 500)); return process.pid;`;
  const pids = await Promise.all([1, 2, 3].map(() => pidOf(together)));
  expect(new Set(pids).size).toBe(3);

  await until(() => pids.filter(isAlive).length === 1);
  await sleep(2 * IDLE_MS);

  const [last] = pids.filter(isAlive);
  expect(await pidOf('return process.pid;')).toBe(last);
});

test('short blocks take turns in the host that there is, and longer ones get hosts of their own', async () => {
  const pidOf = async (body: string) => Number((await run(briefPool, body, 30_000)).value);
  const first = await pidOf('return process.pid;');
  const short = await Promise.all([1, 2, 3].map(() => pidOf('return process.pid;')));
  expect(new Set(short)).toEqual(new Set([first]));

  const long = 'await new Promise((resolve) => setTimeout(resolve, 1_000)); return process.pid;';
  expect(new Set(await Promise.all([1, 2, 3].map(() => pidOf(long)))).size).toBe(3);
});

test('short blocks that come at once while there is no host do not each start one', async () => {
  let starts = 0;
  const counted = () => {
    starts += 1;
    return start();
  };
  const pool = createHostPool({ commands: { typescript: counted, python: counted }, max: 12 });
  const values = Array.from({ length: 12 }, () => run(pool, 'return 1;', 30_000));

  expect((await Promise.all(values)).map(({ value }) => value)).toEqual(Array(12).fill(1));
  expect(starts).toBeLessThanOrEqual(2 * availableParallelism());
  await pool.close();
});

test('a host that has run its blocks gives way to a new one, once nobody waits', async () => {
  const pidOf = async () => Number((await run(wearingPool, 'return process.pid;', 30_000)).value);
  const together = new Set(await Promise.all([1, 2, 3, 4, 5].map(pidOf)));
  expect(together.size).toBe(1);

  await until(() => ![...together].some(isAlive));
  expect(together).not.toContain(await pidOf());
});

test('where no host can be started every block hears why', async () => {
  const missing = () => ({ command: 'no-such-program', args: [], env: {} });
  const pool = createHostPool({ commands: { typescript: missing, python: missing }, max: 3 });

  const runs = await Promise.allSettled([1, 2, 3].map(() => run(pool, 'return 1;', 30_000)));

  const reason = { code: 'language.missing' };
  expect(runs).toMatchObject([{ reason }, { reason }, { reason }]);
  await pool.close();
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
