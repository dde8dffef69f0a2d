import { sql } from 'kysely';
import type { BlockState } from '../../plan/run-state.ts';
import { WORKER_LOST, type ArtifactRef, type RunError } from '../../workflows/activities.ts';
import { postgresJson, type Json } from '../../runtime/json.ts';
import type { Db } from '../database.ts';
import { PREPARED } from '../prepared.ts';
import { isOnRecord } from './on-record.ts';

/** The error, as JSON, of an attempt of which nothing more was heard. */
export const LOST_ERROR = JSON.stringify({
  code: WORKER_LOST,
  message: 'The worker went away during this attempt',
});

/** One attempt of a block, as far as it is known. */
export interface BlockRunRow {
  readonly execution_id: number;
  readonly block: string;
  /** From 1. */
  readonly attempt: number;
  readonly state: BlockState;
  readonly started_at: string;
  readonly finished_at?: string;
  readonly rows?: number | null;
  readonly value?: Json;
  readonly worker: string;
  readonly peak_memory_bytes?: number;
  readonly cpu_ms?: number;
  readonly error?: RunError;
}

export interface ArtifactRow extends ArtifactRef {
  readonly execution_id: number;
  readonly block: string;
  readonly attempt: number;
  readonly schema: Json;
}

/**
 * Writes attempts in one statement; each (run, block, attempt) at most once a call. What is known
 * stays: an end is never taken back, and an attempt that was never heard of again is closed as lost
 * by the next one.
 */
export async function saveBlockRuns(db: Db, rows: readonly BlockRunRow[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    ${PREPARED} with incoming as (
      select * from jsonb_to_recordset(${postgresJson(rows)}::jsonb) as r(
        execution_id bigint, block text, attempt int, state text, started_at timestamptz,
        finished_at timestamptz, rows bigint, value jsonb, worker text,
        peak_memory_bytes bigint, cpu_ms bigint, error jsonb)
    ), lost as (
      select r.execution_id, r.block, earlier.attempt
      from incoming r, generate_series(1, r.attempt - 1) as earlier(attempt)
      where not exists (
        select from incoming i where (i.execution_id, i.block, i.attempt)
          = (r.execution_id, r.block, earlier.attempt))
    ), every as (
      select execution_id, block, attempt, state, started_at, finished_at, rows, value, worker,
        peak_memory_bytes, cpu_ms, error from incoming
      union all
      select distinct execution_id, block, attempt, 'failed', null::timestamptz, clock_timestamp(),
        null::bigint, null::jsonb, null::text, null::bigint, null::bigint,
        ${LOST_ERROR}::jsonb
      from lost
    )
    insert into block_run as b (execution_id, block, attempt, state, started_at, finished_at, rows,
      value, worker, peak_memory_bytes, cpu_ms, error)
    select every.* from every where ${isOnRecord(sql.ref('every.execution_id'))}
    on conflict (execution_id, block, attempt) do update set
      state = case when b.state in ('queued', 'running') then excluded.state else b.state end,
      started_at = coalesce(b.started_at, excluded.started_at),
      finished_at = coalesce(b.finished_at, excluded.finished_at),
      rows = coalesce(b.rows, excluded.rows),
      value = coalesce(b.value, excluded.value),
      worker = coalesce(b.worker, excluded.worker),
      peak_memory_bytes = coalesce(b.peak_memory_bytes, excluded.peak_memory_bytes),
      cpu_ms = coalesce(b.cpu_ms, excluded.cpu_ms),
      error = coalesce(b.error, case
        when b.state in ('queued', 'running') or b.state = excluded.state then excluded.error end)`.execute(
    db,
  );
}

export async function saveArtifacts(db: Db, rows: readonly ArtifactRow[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    ${PREPARED} insert into artifact (uri, execution_id, block, attempt, format, rows, bytes, sha256, schema)
    select r.* from jsonb_to_recordset(${postgresJson(rows)}::jsonb) as r(
      uri text, execution_id bigint, block text, attempt int, format text, rows bigint,
      bytes bigint, sha256 text, schema jsonb)
    where ${isOnRecord(sql.ref('r.execution_id'))}
    on conflict (uri) do nothing`.execute(db);
}
