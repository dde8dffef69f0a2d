import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDb, type Db } from '../../db/database.ts';
import { saveArtifacts, saveBlockRuns, type BlockRunRow } from '../../db/runs/block-runs.ts';
import { closeRun } from '../../db/runs/close-run.ts';
import { claimNext } from '../../db/runs/dispatch.ts';
import { saveLogLines } from '../../db/runs/log-lines.ts';
import { startRun } from '../../db/runs/open-run.ts';
import { listAttempts } from '../../db/runs/run-blocks.ts';
import { insertRequest } from '../../db/runs/run-requests.ts';
import { getRun, listChildren } from '../../db/runs/runs.ts';
import { createLog } from '../../runtime/log.ts';
import { createDatabase } from '../support/servers.ts';

const RUNS = 20_000;
const PLAN = 'a plan';
const AT = '2001-01-01T00:00:00Z';

let db: Db;
let run: number;

beforeAll(async () => {
  db = openDb(await createDatabase(), createLog('test', 'silent'), 2);
  await sql`insert into pipeline_type (name) values ('test')`.execute(db);
  await sql`insert into pipeline (name, pipeline_type_id) values ('sample', 1)`.execute(db);
  await sql`
    insert into pipeline_version (hash, pipeline_id, plan) values (${PLAN}, 1, '{}')`.execute(db);
  await sql`
    insert into pipeline_execution (pipeline_id, state, workflow_id, trigger_kind, start_date, end_date)
    select 1, 'succeeded', gen_random_uuid(), 'api', ${AT}, ${AT}::timestamptz + interval '1 second' from generate_series(1, ${RUNS}::int)`.execute(
    db,
  );
  await sql`
    insert into block_run (execution_id, block, attempt, state)
    select id, 'load', 1, 'succeeded' from pipeline_execution`.execute(db);
  await sql`analyze`.execute(db);
  run = await addRun(db);
});
afterAll(() => db.destroy());

/** In the queue, and not claimed. */
async function addRun(tx: Db): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    insert into pipeline_execution (pipeline_id, state, workflow_id, trigger_kind)
    values (1, 'queued', gen_random_uuid(), 'api') returning id`.execute(tx);
  return rows[0]?.id ?? 0;
}

/** What is done is undone. Answers how many rows were read that no index led to. */
async function countScanned(work: (tx: Db) => Promise<unknown>): Promise<number> {
  let scanned = NaN;
  const undo = new Error('undo');
  const transaction = db.transaction().execute(async (tx) => {
    const before = await scannedSoFar(tx);
    await work(tx);
    scanned = (await scannedSoFar(tx)) - before;
    throw undo;
  });
  await expect(transaction).rejects.toBe(undo);
  return scanned;
}

/** Holds what earlier transactions of the connection did and have not told yet, too. */
async function scannedSoFar(tx: Db): Promise<number> {
  const { rows } = await sql<{ scanned: number }>`
    select sum(seq_tup_read)::int as scanned from pg_stat_xact_user_tables
    where relname in ('pipeline_execution', 'pipeline_execution_closure', 'block_run')`.execute(tx);
  return rows[0]?.scanned ?? NaN;
}

function attempt(block: string, state: BlockRunRow['state']): BlockRunRow {
  return { execution_id: run, block, attempt: 2, state, started_at: AT, worker: 'w' };
}

const WORK: Readonly<Record<string, (tx: Db) => Promise<unknown>>> = {
  'asking for a run': (tx) =>
    insertRequest(tx, {
      ...{ pipelineId: 1, pipeline: 'sample', plan: PLAN, params: {}, fullLoad: false },
      ...{ limit: null, cause: { trigger: 'api' }, salt: 'a', key: null, claimed: true },
    }),
  'claiming a run': (tx) => claimNext(tx, []),
  'beginning a run': (tx) => startRun(tx, run, 'a'),
  'attempts of blocks': (tx) =>
    saveBlockRuns(tx, [attempt('load', 'running'), attempt('export', 'succeeded')]),
  artifacts: (tx) => {
    const file = { format: 'parquet', rows: 1, bytes: 1, sha256: 'a', schema: [] } as const;
    return saveArtifacts(tx, [{ ...attempt('load', 'running'), uri: 'store:///a', ...file }]);
  },
  'log lines': (tx) => {
    const said = { seq: 1, level: 'info', message: 'said', logged_at: AT } as const;
    return saveLogLines(tx, [{ execution_id: run, block: 'load', attempt: 1, ...said }]);
  },
  'ending a run': (tx) =>
    closeRun(tx, {
      ...{ executionId: run, state: 'succeeded', error: null, watermark: null },
      blocks: [{ name: 'load', state: 'succeeded', attempt: 1 }],
      holdsSlots: false,
    }),
  'looking at a run': async (tx) => {
    await getRun(tx, run);
    await listAttempts(tx, run);
    await listChildren(tx, run);
  },
};

test.each(Object.keys(WORK))('%s reads no run of many but its own', async (name) => {
  expect(await countScanned((tx) => WORK[name]?.(tx) ?? Promise.resolve())).toBe(0);
});

test('a scan of all runs would be noticed', async () => {
  const scan = (tx: Db) =>
    sql`select count(*) from pipeline_execution where error is null`.execute(tx);
  expect(await countScanned(scan)).toBeGreaterThanOrEqual(RUNS);
});
