import type { DuckDBConnection, DuckDBMaterializedResult } from '@duckdb/node-api';
import { join } from 'node:path';
import type { HostResult } from '../protocol.ts';
import type { Values } from './parameters.ts';
import { finishParquet } from './parquet-output.ts';
import { identifier, literal } from './quote.ts';
import type { Attempt } from './run-request.ts';
import { duckDbErrorType, sqlFault, type Written } from './sql-fault.ts';
import { runStatement } from './statement.ts';

/** Parquet has no 128-bit integers. They are kept exactly, as 64 bits if those are enough. */
const WIDE_AS = ['BIGINT', 'DECIMAL(38,0)'];
const TOO_WIDE = new Set(['Conversion', 'Out of Range']);

interface Column {
  readonly name: string;
  readonly type: string;
}

export interface Query {
  readonly text: string;
  readonly values: Values;
  /** Where its text stands, for messages. */
  readonly written: Written;
}

/** Writes what a query returns to the output, with the types that it has. */
export async function writeQuery(attempt: Attempt, query: Query): Promise<HostResult> {
  const { output } = attempt.request;
  const connection = await attempt.database.connect();
  const columns = await describe(connection, query);
  await copy(connection, query, columns, join(output.folder, 'data.parquet'));
  return finishParquet(connection, output);
}

async function describe(connection: DuckDBConnection, query: Query): Promise<Column[]> {
  const described = await runWrapped(connection, query, 'DESCRIBE SELECT * FROM (', ')');
  const seen = new Set<string>();
  return (await described.getRows()).map(([name, type]) => ({
    name: unique(String(name), seen),
    type: String(type),
  }));
}

async function copy(
  connection: DuckDBConnection,
  query: Query,
  columns: readonly Column[],
  file: string,
): Promise<void> {
  const names = columns.map(({ name }) => identifier(name)).join(', ');
  const end = `) AS t(${names})) TO ${literal(file)} (FORMAT parquet)`;
  const [narrow = '', wide = ''] = WIDE_AS.map((type) => {
    const selected = columns.map((column) => asWritten(column, type)).join(', ');
    return `COPY (SELECT ${selected} FROM (`;
  });
  try {
    await runStatement(connection, `${narrow}${query.text}\n${end}`, query.values);
  } catch (error) {
    const mayBeWide = columns.some(isWide) && TOO_WIDE.has(duckDbErrorType(error) ?? '');
    if (!mayBeWide) throw sqlFault(error, query.written, narrow);
    await runWrapped(connection, query, wide, end);
  }
}

async function runWrapped(
  connection: DuckDBConnection,
  { text, values, written }: Query,
  before: string,
  after: string,
): Promise<DuckDBMaterializedResult> {
  try {
    return await runStatement(connection, `${before}${text}\n${after}`, values);
  } catch (error) {
    throw sqlFault(error, written, before);
  }
}

function asWritten(column: Column, wideAs: string): string {
  const name = identifier(column.name);
  return isWide(column) ? `${name}::${wideAs} AS ${name}` : name;
}

function isWide({ type }: Column): boolean {
  return type === 'HUGEINT' || type === 'UHUGEINT';
}

/** As DuckDB does it for a subquery: `id`, `id_1`. */
function unique(name: string, seen: Set<string>): string {
  let candidate = name;
  for (let count = 1; seen.has(candidate.toLowerCase()); count += 1) candidate = `${name}_${count}`;
  seen.add(candidate.toLowerCase());
  return candidate;
}
