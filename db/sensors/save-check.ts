import { sql } from 'kysely';
import type { BlockState } from '../../plan/run-state.ts';
import { postgresJson, type Json } from '../../runtime/json.ts';
import type { RunError } from '../../workflows/activities.ts';
import type { Db } from '../database.ts';

/** What a sensor's row tells of its last check. */
export interface CheckRow {
  readonly executionId: number;
  readonly block: string;
  /** How many checks there were. */
  readonly checks: number;
  readonly state: Extract<BlockState, 'running' | 'succeeded' | 'failed' | 'timed_out' | 'skipped'>;
  /** What it saw. */
  readonly message: string;
  readonly value?: Json;
  readonly error?: RunError;
  readonly worker: string;
}

/** All checks of a sensor are one row, whose state says how it stands; a row that has ended stays so. */
export async function saveCheck(db: Db, check: CheckRow): Promise<void> {
  const { executionId, block, checks, state, message, value, error, worker } = check;
  const reason = postgresJson({ code: 'sensor', message });
  await sql`
    insert into block_run as b (execution_id, block, attempt, state, started_at, finished_at, checks,
      reason, value, error, worker)
    select id, ${block}, 1, ${state}, clock_timestamp(),
      case when ${state}::text <> 'running' then clock_timestamp() end, ${checks}::int, ${reason}::jsonb,
      ${value === undefined ? null : postgresJson(value)}::jsonb,
      ${error === undefined ? null : postgresJson(error)}::jsonb, ${worker}
    from pipeline_execution where id = ${executionId}
    on conflict (execution_id, block, attempt) do update set
      state = excluded.state, finished_at = excluded.finished_at, value = excluded.value,
      checks = greatest(b.checks, excluded.checks), reason = excluded.reason, error = excluded.error,
      worker = excluded.worker
    where b.state = 'running'`.execute(db);
}
