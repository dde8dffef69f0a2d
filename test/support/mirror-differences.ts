import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';
import { readTruth, type BlockTruth, type RunTruth } from './history-truth.ts';
import { until } from './until.ts';

/** A run has its end here before its workflow has completed its last task. */
const LAST_TASK_MS = 10_000;

/** Block states of which Temporal has no event: the block was never begun, or its run ended around it. */
const WITHOUT_EVENT = new Set(['skipped', 'upstream_failed', 'cancelled']);

/** Where the rows of a run and of its sub-pipelines say something else than Temporal's histories. */
export async function mirrorDifferences(db: Db, client: Client, id: number): Promise<string[]> {
  const { rows } = await sql<RunRow>`
    select e.id::int, e.workflow_id, e.state, e.end_date is not null as ended,
      e.temporal_run_id is not null as began
    from pipeline_execution_closure c join pipeline_execution e on e.id = c.child_execution_id
    where c.parent_execution_id = ${id} order by e.id`.execute(db);
  const all: string[] = [];
  for (const run of rows) {
    const said = (text: string) => all.push(`run ${run.id} (${run.workflow_id}): ${text}`);
    if (!run.ended) said('has no end here');
    const truth = await findTruth(client, run);
    if (!truth) {
      if (run.began || run.state !== 'cancelled') said(`is ${run.state} only here`);
      continue;
    }
    if (run.state !== truth.state) said(`is ${run.state} here, ${truth.state} in Temporal`);
    (await blockDifferences(db, run.id, truth)).forEach(said);
  }
  return all;
}

interface RunRow {
  readonly id: number;
  readonly workflow_id: string;
  readonly state: string;
  readonly ended: boolean;
  /** False for a run that was cancelled before Temporal heard of it. */
  readonly began: boolean;
}

async function findTruth(client: Client, run: RunRow): Promise<RunTruth | undefined> {
  const end = run.ended ? Date.now() + LAST_TASK_MS : 0;
  try {
    return await until(async () => {
      const truth = await readTruth(client, run.workflow_id);
      return truth.state !== 'running' || Date.now() > end ? truth : undefined;
    });
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

async function blockDifferences(db: Db, id: number, truth: RunTruth): Promise<string[]> {
  const { rows } = await sql<{ block: string; attempt: number; state: string; count: number }>`
    select distinct on (block) block, attempt, state,
      count(*) filter (where attempt > 0) over (partition by block)::int as count
    from block_run where execution_id = ${id} order by block, attempt desc`.execute(db);
  const here = new Map(rows.map((row) => [row.block, row]));
  const missing = [...truth.blocks.keys()].filter((block) => !here.has(block));
  return [
    ...missing.map((block) => `${block} has no row here`),
    ...rows.flatMap((row) => {
      const found = truth.blocks.get(row.block);
      const gaps = row.count === row.attempt ? [] : [`${row.block} has gaps in its attempts`];
      if (!found) {
        return WITHOUT_EVENT.has(row.state) ? gaps : [`${row.block} is ${row.state} only here`];
      }
      return [...gaps, ...compare(row, found, truth)];
    }),
  ];
}

function compare(
  row: { readonly block: string; readonly attempt: number; readonly state: string },
  found: BlockTruth,
  run: RunTruth,
): string[] {
  const expected = statesFor(found, run);
  if (!expected.includes(row.state)) {
    return [`${row.block} is ${row.state} here, ${expected[0]} in Temporal`];
  }
  if (found.attempts === undefined || found.attempts === row.attempt) return [];
  return [`${row.block} has ${row.attempt} attempts here, ${found.attempts} in Temporal`];
}

function statesFor({ state }: BlockTruth, run: RunTruth): string[] {
  // Temporal gave an open block up with its workflow: its last attempt or its sub-pipeline may have told its end.
  if (state === 'running') return [run.state, 'cancelled', 'failed'];
  if (state === 'lost') return run.state === 'cancelled' ? ['cancelled'] : ['failed', 'cancelled'];
  return [state];
}
