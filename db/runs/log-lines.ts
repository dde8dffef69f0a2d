import { sql } from 'kysely';
import { postgresJson, type JsonObject } from '../../runtime/json.ts';
import type { Db } from '../database.ts';
import { LOCKS } from '../locks.ts';
import { isOnRecord } from './on-record.ts';

export interface LogLineRow {
  readonly execution_id: number;
  readonly block: string;
  readonly attempt: number;
  /** Counts the lines of an attempt, from 1. */
  readonly seq: number;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields?: JsonObject;
  readonly logged_at: string;
}

/**
 * Writes lines in one statement; a line that is there already is left as it is. Writers take turns,
 * so that ids become visible in their order and a reader who asks for what comes after one misses none.
 */
export async function saveLogLines(db: Db, rows: readonly LogLineRow[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    with turn as materialized (select pg_advisory_xact_lock(${LOCKS.logLines}))
    insert into log_line (execution_id, block, attempt, seq, level, message, fields, logged_at)
    select r.* from turn, jsonb_to_recordset(${postgresJson(rows)}::jsonb) as r(
      execution_id bigint, block text, attempt int, seq int, level text, message text,
      fields jsonb, logged_at timestamptz)
    where ${isOnRecord(sql.ref('r.execution_id'))}
    on conflict (execution_id, block, attempt, seq) do nothing`.execute(db);
}
