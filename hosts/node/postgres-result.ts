import type { DuckDBConnection } from '@duckdb/node-api';
import { DuckDBDataChunk, VARCHAR } from './duckdb.ts';
import pg from 'pg';
import { Fault } from '../../runtime/fault.ts';
import { duckDbColumn, isArray, type ResultColumn } from './postgres-oid.ts';
import { identifier } from './quote.ts';
import { BATCH_ROWS } from './table-writer.ts';

const TABLE = 'highwater_result';
const TEXT_ARRAY = 1009;

/** Rows of a Postgres query on their way to Parquet, kept as text until their types are settled. */
export interface ResultStage {
  readonly rows: number;
  append(rows: readonly (readonly (string | null)[])[]): void;
  /** A query of DuckDB that gives the rows with their types. */
  finish(): Promise<string>;
}

export async function stageResult(
  connection: DuckDBConnection,
  fields: readonly pg.FieldDef[],
): Promise<ResultStage> {
  const columns = fields.map((field, at): ResultColumn => ({ ...field, at: `c${at}` }));
  refuseDuplicates(columns);
  const names = columns.map(({ at }) => `${at} VARCHAR`).join(', ');
  await connection.run(`CREATE OR REPLACE TABLE ${TABLE} (${names})`);
  const appender = await connection.createAppender(TABLE);
  const types = columns.map(() => VARCHAR);
  let count = 0;

  return {
    get rows() {
      return count;
    },
    append(rows) {
      for (let start = 0; start < rows.length; start += BATCH_ROWS) {
        const batch = rows.slice(start, start + BATCH_ROWS);
        const chunk = DuckDBDataChunk.create(types, batch.length);
        chunk.setColumns(
          columns.map((column, at) => batch.map((row) => staged(column, row[at] ?? null))),
        );
        appender.appendDataChunk(chunk);
        count += batch.length;
      }
    },
    async finish() {
      appender.closeSync();
      const selected: string[] = [];
      for (const column of columns) {
        const expression = await duckDbColumn(connection, TABLE, column);
        selected.push(`${expression} AS ${identifier(column.name)}`);
      }
      return `SELECT ${selected.join(', ')} FROM ${TABLE}`;
    },
  };
}

/** Arrays as JSON, which DuckDB can read. */
function staged(column: ResultColumn, text: string | null): string | null {
  if (text === null || !isArray(column)) return text;
  return JSON.stringify(parseArray(text));
}

const parserOf: (oid: number) => (text: string) => unknown[] = pg.types.getTypeParser;
const parseArray = parserOf(TEXT_ARRAY);

function refuseDuplicates(columns: readonly ResultColumn[]): void {
  const seen = new Set<string>();
  for (const { name } of columns) {
    const key = name.toLowerCase();
    if (seen.has(key)) {
      throw new Fault('output.invalid', `The query returns two columns ${name}: name one with AS`);
    }
    seen.add(key);
  }
}
