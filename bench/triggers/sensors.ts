import { sql } from 'kysely';
import { setTimeout as wait } from 'node:timers/promises';
import type { Run } from '../../api/contract/run.ts';
import { openDb, type Db } from '../../db/database.ts';
import { createLog } from '../../runtime/log.ts';
import { pssMib } from '../memory.ts';
import { quantile } from '../rounds.ts';
import { startBenchStack, type BenchStack } from '../stack.ts';

const SENSORS = 1_000;
const CONNECTIONS = 20;
const STARTS = 50;
/** One and a half rounds of checks, with the stack otherwise idle. */
const SETTLE_MS = 90_000;

const FILES = {
  'highwater.yaml': 'name: bench\n',
  'blocks/one.ts': `import { block } from 'highwater';\nexport default block(() => 1);\n`,
  'pipelines/quick.yaml': 'blocks:\n  one: { kind: custom, file: one.ts }\n',
  'pipelines/waiting.yaml':
    "blocks:\n  ready: { kind: sensor, interval: 1m, until: { file: 'never/*.csv' } }\n",
};

/**
 * What 1,000 runs that each wait for a file, and look once a minute, cost a new run: from the request to the
 * start of its first block, in ms; and the whole stack, in MiB.
 */
export async function benchSensors(say: (line: string) => void) {
  const bench = await startBenchStack(FILES, { bare: false });
  const db = openDb(bench.stack.databaseUrl, createLog('bench', 'warn'), 1);
  try {
    await firstBlocks(bench);
    const before = await measure(bench);
    say(`before: ${JSON.stringify(before)}`);
    await startWaiting(bench, db);
    await wait(SETTLE_MS);
    const waiting = await measure(bench);
    say(`${SENSORS} sensors wait: ${JSON.stringify(waiting)}`);
    const grown_mib = waiting.pss_mib - before.pss_mib;
    return { sensors: { before, waiting, grown_mib, checks_per_s: await checksPerSecond(db) } };
  } finally {
    await db.destroy();
    await bench.stop();
  }
}

async function measure(bench: BenchStack) {
  const first_block_ms = await firstBlocks(bench);
  return { first_block_ms, pss_mib: pssMib(bench.stack.supervisor.pid) };
}

async function firstBlocks(bench: BenchStack) {
  const times: number[] = [];
  for (let count = 0; count < STARTS; count += 1) {
    const asked = Date.now();
    const { blocks } = await post(bench, 'quick', '?wait=60s');
    times.push(Date.parse(blocks[0]?.history[0]?.started_at ?? '') - asked);
  }
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

async function startWaiting(bench: BenchStack, db: Db): Promise<void> {
  let left = SENSORS;
  const lane = async () => {
    for (; left > 0;) {
      left -= 1;
      await post(bench, 'waiting');
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, lane));
  while ((await countChecks(db)).sensors < SENSORS) await wait(200);
}

async function countChecks(db: Db): Promise<{ sensors: number; checks: number }> {
  const { rows } = await sql<{ sensors: number; checks: number }>`
    select count(*)::int as sensors, coalesce(sum(checks), 0)::int as checks
    from block_run where checks > 0 and state = 'running'`.execute(db);
  return rows[0] ?? { sensors: 0, checks: 0 };
}

const LOOK_MS = 30_000;

async function checksPerSecond(db: Db): Promise<number> {
  const before = await countChecks(db);
  await wait(LOOK_MS);
  const after = await countChecks(db);
  return Math.round((after.checks - before.checks) / (LOOK_MS / 1_000));
}

async function post({ stack }: BenchStack, pipeline: string, query = ''): Promise<Run> {
  const url = `${stack.api}/api/pipelines/${pipeline}/runs${query}`;
  const response = await fetch(url, { method: 'POST' });
  if (!response.ok) throw new Error(`${pipeline}: ${await response.text()}`);
  return (await response.json()) as Run;
}
