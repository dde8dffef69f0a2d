import { sql } from 'kysely';
import { setTimeout as wait } from 'node:timers/promises';
import { openDb, type Db } from '../../db/database.ts';
import { createLog } from '../../runtime/log.ts';
import { processorMs } from '../processor-time.ts';
import { quantile, round1, round2 } from '../rounds.ts';
import { startBenchStack, type BenchStack } from '../stack.ts';
import { reportExecutions, type Loaded } from './load.ts';

const CONNECTIONS = 16;
const PIPELINES = 100;
const WARM_UP_S = 5;
const SECONDS = 20;
const LOOK_MS = 50;

/**
 * Executions that run elsewhere, reported over 16 connections to the one API of a local stack: each begins
 * and ends well, and is checked against six rules of its pipeline.
 */
export async function benchStartEnd(say: (line: string) => void) {
  const bench = await startBenchStack(
    { 'highwater.yaml': 'name: bench\n' },
    { bare: false, env: { WATCHER_AUTO_CREATE_ANOMALY_DETECTION_RULES: 'true' } },
  );
  const db = openDb(bench.stack.databaseUrl, createLog('bench', 'warn'), 1);
  try {
    const figures = {
      start_end: await measure(bench, db, await declare(bench, PIPELINES, 'many')),
      start_end_of_one_pipeline: await measure(bench, db, await declare(bench, 1, 'one')),
    };
    for (const [name, figure] of Object.entries(figures)) say(`${name}: ${JSON.stringify(figure)}`);
    return figures;
  } finally {
    await db.destroy();
    await bench.stop();
  }
}

async function declare({ stack }: BenchStack, count: number, prefix: string): Promise<number[]> {
  const ids: number[] = [];
  for (let at = 0; at < count; at += 1) {
    const response = await fetch(`${stack.api}/pipeline`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: `${prefix} ${at}`, pipeline_type_name: 'bench' }),
    });
    ids.push(((await response.json()) as { id: number }).id);
  }
  return ids;
}

async function measure(bench: BenchStack, db: Db, pipelines: readonly number[]) {
  const load = { url: bench.stack.api, pipelines, connections: CONNECTIONS };
  await reportExecutions({ ...load, seconds: WARM_UP_S });
  const before = processorTimes(bench);
  const loading = reportExecutions({ ...load, seconds: SECONDS });
  const checkWaitMs = await watchQueue(db, loading);
  const loaded = await loading;
  const used = processorTimes(bench);
  const requests = loaded.startMs.length + loaded.endMs.length;
  return {
    executions_per_second: Math.round(loaded.endMs.length / loaded.seconds),
    start_ms: quantiles(loaded.startMs),
    end_ms: quantiles(loaded.endMs),
    longest_check_wait_ms: Math.round(checkWaitMs),
    processor_ms_per_request: {
      api: round2((used.api - before.api) / requests),
      postgres: round2((used.postgres - before.postgres) / requests),
      client: round2((used.client - before.client) / requests),
    },
  };
}

/** The longest that any check has waited, until the last one is done. */
async function watchQueue(db: Db, loading: Promise<Loaded>): Promise<number> {
  const done = new AbortController();
  const stop = () => {
    done.abort();
  };
  loading.then(stop, stop);
  for (let longest = 0; ;) {
    const { aborted: ended } = done.signal;
    const { rows } = await sql<{ count: number; ms: number | null }>`
      select count(*) as count,
        extract(epoch from clock_timestamp() - min(queued_at)) * 1000 as ms from check_queue`.execute(
      db,
    );
    longest = Math.max(longest, rows[0]?.ms ?? 0);
    if (ended && rows[0]?.count === 0) return longest;
    await wait(LOOK_MS);
  }
}

function processorTimes({ stack }: BenchStack) {
  const pidOf = (name: string) =>
    stack.components.find((component) => component.name === name)?.process?.pid ?? 0;
  const { user, system } = process.cpuUsage();
  return {
    api: processorMs(pidOf('api')),
    postgres: processorMs(pidOf('postgres')),
    client: (user + system) / 1000,
  };
}

function quantiles(ms: readonly number[]) {
  return {
    p50: round1(quantile(ms, 0.5)),
    p95: round1(quantile(ms, 0.95)),
    p99: round1(quantile(ms, 0.99)),
  };
}
