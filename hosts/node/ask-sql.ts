import { join } from 'node:path';
import type { DuckDBValue } from '@duckdb/node-api';
import type { Json } from '../../runtime/json.ts';
import type { HostResult, HostWork } from '../protocol.ts';
import { literal } from './quote.ts';
import { runPostgresSql } from './run-postgres-sql.ts';
import type { Attempt } from './run-request.ts';
import { runSql } from './run-sql.ts';

type AskWork = Extract<HostWork, { type: 'ask' }>;

/** Runs SQL as for any block, and answers the first value of the first row of its result. */
export async function askSql(attempt: Attempt, work: AskWork): Promise<HostResult> {
  const sql = { ...work, type: 'sql' } as const;
  const { file } = await (work.connection
    ? runPostgresSql(attempt, sql, work.connection)
    : runSql(attempt, sql));
  if (!file) return { rows: null };
  const path = join(attempt.request.output.folder, file.name);
  const connection = await attempt.database.connect();
  const reader = await connection.runAndReadAll(`FROM read_parquet(${literal(path)}) LIMIT 1`);
  const [first] = reader.getRows();
  return { rows: null, ...(first && { value: toJson(first[0]) }) };
}

function toJson(value: DuckDBValue | undefined): Json {
  if (value === undefined || value === null) return null;
  if (typeof value === 'bigint') return Number(value);
  if (['boolean', 'number', 'string'].includes(typeof value)) return value as boolean;
  const text = String(value);
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
