import { sql } from 'kysely';
import type { Reason } from '../../metadata/limits/admission.ts';
import type { Hash } from '../../plan/plan.ts';
import type { BlockState } from '../../plan/run-state.ts';
import type { RunError } from '../../workflows/activities.ts';
import type { Db } from '../database.ts';
import { compileOnce, PREPARED } from '../prepared.ts';

export interface PlannedName {
  readonly name: string;
  readonly kind: string;
}

/** One attempt of a block as its row tells it; attempt 0 stands for a block that never began. */
export interface AttemptRecord {
  readonly block: string;
  readonly attempt: number;
  readonly state: BlockState;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly rows: number | null;
  readonly child_execution_id: number | null;
  readonly worker: string | null;
  readonly peak_memory_bytes: number | null;
  readonly cpu_ms: number | null;
  readonly error: RunError | null;
  /** Of a sensor: how often it has looked, and what it last saw. */
  readonly checks: number | null;
  readonly reason: Reason | null;
}

/** The blocks that a plan names, in its order. */
export async function listPlannedBlocks(db: Db, plan: Hash): Promise<readonly PlannedName[]> {
  const { rows } = await sql<PlannedName>`
    select p.block->>'name' as name, p.block->>'kind' as kind
    from pipeline_version v
    cross join jsonb_array_elements(v.plan->'blocks') with ordinality as p(block, place)
    where v.hash = ${plan}
    order by p.place`.execute(db);
  return rows;
}

/** Every attempt of a run's blocks, in order. */
export async function listAttempts(db: Db, executionId: number): Promise<AttemptRecord[]> {
  const rows = await readAttempts(db, executionId);
  return rows.map((row) => ({
    ...row,
    state: row.state as BlockState,
    error: row.error as RunError | null,
    reason: row.reason as unknown as Reason | null,
  }));
}

const readAttempts = compileOnce((db: Db, executionId: number) =>
  db
    .selectFrom('block_run')
    .modifyFront(PREPARED)
    .select(['block', 'attempt', 'state', 'started_at', 'finished_at', 'rows'])
    .select(['child_execution_id', 'worker', 'peak_memory_bytes', 'cpu_ms', 'error'])
    .select(['checks', 'reason'])
    .where('execution_id', '=', executionId)
    .orderBy('block')
    .orderBy('attempt'),
);

/** An attempt that is under way. */
export interface RunningBlock extends Pick<AttemptRecord, 'block' | 'state' | 'checks' | 'reason'> {
  readonly run: number;
}

export async function listRunningBlocks(db: Db, runs: readonly number[]): Promise<RunningBlock[]> {
  if (runs.length === 0) return [];
  const { rows } = await sql<RunningBlock>`
    select execution_id as run, block, state, checks, reason from block_run
    where execution_id = any(${runs}::bigint[]) and state = 'running'
    order by execution_id, block`.execute(db);
  return rows;
}
