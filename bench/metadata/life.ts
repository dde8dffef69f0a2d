import { sql } from 'kysely';
import { openDb, type Db } from '../../db/database.ts';
import { saveBlockRuns } from '../../db/runs/block-runs.ts';
import { closeRun } from '../../db/runs/close-run.ts';
import { saveLogLines } from '../../db/runs/log-lines.ts';
import { startRun } from '../../db/runs/open-run.ts';
import { listAttempts } from '../../db/runs/run-blocks.ts';
import { insertRequest } from '../../db/runs/run-requests.ts';
import { getRun, listChildren } from '../../db/runs/runs.ts';
import { createLog } from '../../runtime/log.ts';
import type { BlockState } from '../../plan/run-state.ts';
import { quantile, round2, timed } from '../rounds.ts';
import { startHistory } from './history.ts';

const SIZES = [100, 20_000, 200_000, 1_000_000];
const PIPELINES = 100;
const DAYS = 113;
const RUNS = 60;
/** Postgres plans a statement anew for the first five. */
const WARM_UP = 10;
const PLAN = 'bench';
const BLOCKS = ['load', 'change', 'export'];

type Figures = Record<string, number>;

/** What a run of three blocks asks of the database, step by step, while there are ever more runs on record. */
export async function benchLife(say: (line: string) => void) {
  const run_life_ms: Record<number, Figures> = {};
  for (const executions of SIZES) {
    const history = await startHistory(say, { executions, pipelines: PIPELINES, days: DAYS });
    try {
      const figures = await liveWith(history.url);
      say(`a run with ${executions} others, ms: ${JSON.stringify(figures)}`);
      run_life_ms[executions] = figures;
    } finally {
      await history.stop();
    }
  }
  return { run_life_ms };
}

/** Medians. */
async function liveWith(url: string): Promise<Figures> {
  const db = openDb(url, createLog('bench', 'warn'), 1);
  try {
    await sql`insert into pipeline_version (hash, pipeline_id, plan) values (${PLAN}, 1, '{}')`.execute(
      db,
    );
    const times: Record<string, number[]> = {};
    for (let count = 0; count < RUNS; count += 1) await liveOnce(db, String(count), times);
    const median = (values: number[]) => round2(quantile(values.slice(WARM_UP), 0.5));
    return Object.fromEntries(Object.entries(times).map(([step, ms]) => [step, median(ms)]));
  } finally {
    await db.destroy();
  }
}

async function liveOnce(db: Db, salt: string, times: Record<string, number[]>): Promise<void> {
  let id = 0;
  for (const [step, work] of Object.entries(STEPS)) {
    const ms = await timed(async () => (id = (await work(db, id, salt)) ?? id));
    (times[step] ??= []).push(ms);
  }
}

/** In their order; the first one answers the run's id. */
const STEPS: Readonly<
  Record<string, (db: Db, run: number, salt: string) => Promise<number | undefined>>
> = {
  ask: async (db, _, salt) => {
    const run = { pipelineId: 1, pipeline: 'pipeline_0001', plan: PLAN, params: {} };
    const how = { fullLoad: false, limit: null, cause: { trigger: 'api' }, key: null };
    return (await insertRequest(db, { ...run, ...how, salt, claimed: true }))?.id;
  },
  begin: async (db, run, salt) => (await startRun(db, run, salt))?.id,
  blocks_begin: (db, run) => saveAttempts(db, run, 'running'),
  blocks_end: (db, run) => saveAttempts(db, run, 'succeeded'),
  log: async (db, run) => {
    const said = { level: 'info', message: 'said', logged_at: new Date().toISOString() } as const;
    const lines = BLOCKS.map((block) => ({
      execution_id: run,
      block,
      attempt: 1,
      seq: 1,
      ...said,
    }));
    await saveLogLines(db, lines);
    return run;
  },
  end: async (db, run) => {
    const blocks = BLOCKS.map((name) => ({ name, state: 'succeeded', attempt: 1 }) as const);
    const end = { state: 'succeeded', error: null, watermark: null, holdsSlots: false } as const;
    await closeRun(db, { executionId: run, ...end, blocks });
    return run;
  },
  look: async (db, run) => {
    await Promise.all([getRun(db, run), listAttempts(db, run), listChildren(db, run)]);
    return run;
  },
};

async function saveAttempts(db: Db, run: number, state: BlockState): Promise<number> {
  const attempt = { attempt: 1, state, started_at: new Date().toISOString(), worker: 'bench' };
  await saveBlockRuns(
    db,
    BLOCKS.map((block) => ({ execution_id: run, block, ...attempt })),
  );
  return run;
}
