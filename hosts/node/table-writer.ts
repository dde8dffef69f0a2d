import type { DuckDBAppender, DuckDBConnection, DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { DuckDBDataChunk, SQLNULL } from './duckdb.ts';
import { Fault } from '../../runtime/fault.ts';
import { commonType, nameOf, naturalOf, naturalType, storedType } from './column-type.ts';
import { encoderOf, MISFIT, orNull, type Encode } from './column-value.ts';
import { identifier } from './quote.ts';
import type { Row } from './sdk.ts';

/** The most rows that DuckDB takes at once. */
export const BATCH_ROWS = 2048;

export interface ColumnTypes {
  /** Types that columns of these names keep as long as their values fit. */
  readonly known: ReadonlyMap<string, DuckDBType>;
  /** Types that columns of these names have; if there are any, there are no other columns. */
  readonly declared: ReadonlyMap<string, DuckDBType>;
}

/** Fills a table of DuckDB with rows; its columns and their types are found on the way. */
export interface TableWriter {
  readonly rows: number;
  /** Writes up to `BATCH_ROWS` rows. `output.invalid` names the column and row that does not fit. */
  write(rows: readonly Row[]): Promise<void>;
  /** False when there was no column at all. */
  finish(): boolean;
}

interface Column {
  readonly name: string;
  type: DuckDBType;
  encode: Encode;
  /** Whether it holds more than nulls. */
  filled: boolean;
}

export async function createTableWriter(
  connection: DuckDBConnection,
  table: string,
  { known, declared }: ColumnTypes,
): Promise<TableWriter> {
  const columns = new Map<string, Column>();
  let appender: DuckDBAppender | undefined;
  let written = 0;
  for (const name of declared.keys()) await addColumn(name);

  return {
    get rows() {
      return written;
    },

    async write(rows) {
      for (const [at, row] of rows.entries()) checkRow(row, written + at + 1);
      for (const name of new Set(rows.flatMap((row) => Object.keys(row)))) {
        if (!columns.has(name)) await addColumn(name);
      }
      if (columns.size === 0 && rows.length > 0) {
        throw new Fault('output.invalid', 'The block returned rows without a single column');
      }
      const encoded: DuckDBValue[][] = [];
      for (const column of columns.values()) {
        encoded.push(await encodeColumn(column, rows));
      }
      if (rows.length > 0) await append(encoded, rows.length);
      written += rows.length;
    },

    finish() {
      appender?.closeSync();
      appender = undefined;
      return columns.size > 0;
    },
  };

  async function addColumn(name: string): Promise<void> {
    const other = [...columns.keys()].find((each) => each.toLowerCase() === name.toLowerCase());
    if (other !== undefined) {
      throw new Fault('output.invalid', `Columns ${other} and ${name} differ only in case`);
    }
    if (declared.size > 0 && !declared.has(name)) {
      const names = [...declared.keys()].join(', ');
      throw new Fault('output.invalid', `Column ${name} is not among the declared ones: ${names}`);
    }
    const hint = declared.get(name) ?? known.get(name);
    const encode = hint && encoderOf(hint);
    const type = hint && encode ? hint : SQLNULL;
    await change(
      columns.size === 0
        ? `CREATE TABLE ${table} (${definition(name, type)})`
        : `ALTER TABLE ${table} ADD COLUMN ${definition(name, type)}`,
    );
    columns.set(name, { name, type, encode: encode ?? (() => MISFIT), filled: false });
  }

  async function encodeColumn(column: Column, rows: readonly Row[]): Promise<DuckDBValue[]> {
    const first = encodeAll(column, rows);
    if (first) return first;
    if (declared.has(column.name)) throw undeclared(column, rows);
    const type = widen(column, rows);
    const encode = encoderOf(storedType(type));
    const name = identifier(column.name);
    const value = nameOf(type) === 'JSON' ? `to_json(${name})` : `${name}::${sqlName(type)}`;
    await change(`ALTER TABLE ${table} ALTER ${name} TYPE ${sqlName(type)} USING ${value}`);
    Object.assign(column, { type, encode });
    const second = encodeAll(column, rows);
    if (!second) throw new Fault('output.invalid', `Column ${column.name} holds values too large`);
    return second;
  }

  /** The narrowest type for what the column holds already, and for these rows. */
  function widen(column: Column, rows: readonly Row[]): DuckDBType {
    let type = column.filled ? naturalOf(column.type) : SQLNULL;
    for (const [at, row] of rows.entries()) {
      const value: unknown = row[column.name];
      const next = naturalType(value);
      const common = next && commonType(type, next);
      if (!common) throw misfit(column.name, written + at + 1, type, next, value);
      type = common;
    }
    return type;
  }

  function undeclared({ name, type, encode }: Column, rows: readonly Row[]): Fault {
    const at = rows.findIndex((row) => orNull(encode, row[name]) === MISFIT);
    const found = naturalType(rows[at]?.[name]);
    return new Fault(
      'output.invalid',
      `Column ${name} holds ${found ? nameOf(found) : 'what no column can hold'} in row ${written + at + 1}: it is declared as ${nameOf(type)}`,
    );
  }

  async function append(encoded: readonly DuckDBValue[][], count: number): Promise<void> {
    const types = [...columns.values()].map(({ type }) => storedType(type));
    const chunk = DuckDBDataChunk.create(types, count);
    chunk.setColumns(encoded);
    appender ??= await connection.createAppender(table);
    appender.appendDataChunk(chunk);
  }

  async function change(sql: string): Promise<void> {
    appender?.closeSync();
    appender = undefined;
    await connection.run(sql);
  }
}

/** Undefined when a value does not fit. */
function encodeAll(column: Column, rows: readonly Row[]): DuckDBValue[] | undefined {
  const values: DuckDBValue[] = [];
  for (const row of rows) {
    const value = orNull(column.encode, row[column.name]);
    if (value === MISFIT) return undefined;
    values.push(value);
  }
  column.filled ||= values.some((value) => value !== null);
  return values;
}

function checkRow(row: unknown, at: number): void {
  if (isRow(row)) return;
  const found = row === null ? 'null' : Array.isArray(row) ? 'a list' : `a ${typeof row}`;
  throw new Fault('output.invalid', `Row ${at} is ${found}: the rows of a table are objects`);
}

/** Whether a value is an object with columns, and not a value of one column. */
export function isRow(value: unknown): value is Row {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Date) &&
    !(value instanceof Uint8Array)
  );
}

function misfit(
  column: string,
  row: number,
  type: DuckDBType,
  next: DuckDBType | undefined,
  value: unknown,
): Fault {
  const found = next
    ? nameOf(next)
    : value instanceof Date
      ? 'an invalid Date'
      : `a ${typeof value}`;
  const before =
    type === SQLNULL ? 'no column can hold that' : `the rows before hold ${nameOf(type)}`;
  return new Fault('output.invalid', `Column ${column} holds ${found} in row ${row}: ${before}`);
}

function definition(name: string, type: DuckDBType): string {
  return `${identifier(name)} ${sqlName(type)}`;
}

function sqlName(type: DuckDBType): string {
  return nameOf(storedType(type));
}
