import type { HostResult, HostWork } from '../protocol.ts';
import type { Attempt } from './run-request.ts';
import { runPostgresSql } from './run-postgres-sql.ts';

type ReadTableWork = Extract<HostWork, { type: 'read_table' }>;

/** Reads what a query returns, row by row, in little memory. */
export function readTable(
  attempt: Attempt,
  { connection, query }: ReadTableWork,
): Promise<HostResult> {
  const file = `query on ${connection.name}`;
  return runPostgresSql(attempt, { type: 'sql', text: query, file, connection }, connection);
}
