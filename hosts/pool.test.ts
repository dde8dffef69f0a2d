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

const patientPool = createHostPool({
  commands: { typescript: start, python: start },
  max: 5,
  patienceMs: 60_000,
});
const wearingPool = createHostPool({
  commands: { typescript: start, python: start },
  max: 5,
  patienceMs: 60_000,
  runs: 2,
});

afterAll(async () => {
  const pools = [slowPool, briefPool, patientPool, wearingPool];
  await Promise.all(pools.map((pool) => pool.close()));
});

const PID = 'return process.pid;';

/** Bodies of blocks that end once so many of them are at work together. */
function together(count: number): string[] {
  const folder = JSON.stringify(newFolder());
  const body = `const { readdirSync, writeFileSync } = await import('node:fs');
    writeFileSync(${folder} + '/' + process.pid, '');
    while (readdirSync(${folder}).length < ${count}) await new Promise((r) => setTimeout(r, 10));
    ${PID}`;
  return Array.from({ length: count }, () => body);
}

async function pidsOf(pool: HostPool, bodies: readonly string[]): Promise<number[]> {
  const ran = await Promise.all(bodies.map((body) => run(pool, body, 30_000)));
  return ran.map(({ value }) => Number(value));
}

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
  const pids = await pidsOf(briefPool, together(3));
  expect(new Set(pids).size).toBe(3);

  await until(() => pids.filter(isAlive).length === 1);
  await sleep(2 * IDLE_MS);

  const [last] = pids.filter(isAlive);
  expect(await pidsOf(briefPool, [PID])).toEqual([last]);
});

test('blocks take turns in the host that there is, for as long as they have patience', async () => {
  const [first] = await pidsOf(patientPool, [PID]);
  expect(await pidsOf(patientPool, [PID, PID, PID])).toEqual([first, first, first]);
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

test('blocks that keep waiting for each other, however short, come to have a host for each processor', async () => {
  const pool = createHostPool({
    commands: { typescript: start, python: start },
    max: 8,
    patienceMs: 1_000,
  });
  const pids = new Set(await pidsOf(pool, [PID]));
  const oneAfterTheOther = async () => {
    while (pids.size < Math.min(2, availableParallelism())) {
      for (const pid of await pidsOf(pool, [PID])) pids.add(pid);
    }
  };

  await Promise.all(Array.from({ length: 8 }, oneAfterTheOther));

  expect(pids.size).toBeLessThanOrEqual(availableParallelism());
  await pool.close();
});

test('a host that has run its blocks gives way to a new one, once nobody waits', async () => {
  const [worn = 0, ...others] = await pidsOf(wearingPool, [PID, PID, PID, PID, PID]);
  expect(others).toEqual([worn, worn, worn, worn]);

  await until(() => !isAlive(worn));
  expect(await pidsOf(wearingPool, [PID])).not.toEqual([worn]);
});

test('a host that has run its blocks stays at work until another is there', async () => {
  let starts = 0;
  let letStart = (): void => undefined;
  const mayStart = new Promise<void>((resolve) => (letStart = resolve));
  const secondWaits = async () => {
    starts += 1;
    if (starts === 2) await mayStart;
    return start();
  };
  const pool = createHostPool({
    commands: { typescript: secondWaits, python: start },
    max: 1,
    runs: 2,
  });

  const [worn = 0] = await pidsOf(pool, [PID, PID]);
  await until(() => starts === 2);
  expect(await pidsOf(pool, [PID])).toEqual([worn]);

  letStart();
  await until(() => !isAlive(worn));
  expect(await pidsOf(pool, [PID])).not.toEqual([worn]);
  expect(starts).toBe(2);
  await pool.close();
});

test('where no other host can be started the worn one goes on', async () => {
  let starts = 0;
  const onlyOne = () => {
    starts += 1;
    if (starts > 1) throw new Error('no memory left');
    return start();
  };
  const pool = createHostPool({
    commands: { typescript: onlyOne, python: start },
    max: 1,
    runs: 1,
  });
  const [first = 0] = await pidsOf(pool, [PID]);
  await until(() => starts === 2);
  expect(await pidsOf(pool, [PID])).toEqual([first]);
  await pool.close();
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
