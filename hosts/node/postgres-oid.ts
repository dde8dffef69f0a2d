import type { DuckDBConnection } from '@duckdb/node-api';
import type pg from 'pg';

/** A column of a Postgres result; `at` is its name in the stage. */
export interface ResultColumn extends pg.FieldDef {
  readonly at: string;
}

const NUMERIC = 1700;
const BYTEA = 17;
const MOST_DIGITS = 38;

/** DuckDB's types of the built-in types of Postgres, by OID. What is not here stays text. */
const TYPES = new Map([
  [16, 'BOOLEAN'],
  [20, 'BIGINT'],
  [21, 'SMALLINT'],
  [23, 'INTEGER'],
  [26, 'UINTEGER'],
  [114, 'JSON'],
  [700, 'FLOAT'],
  [701, 'DOUBLE'],
  [1082, 'DATE'],
  [1083, 'TIME'],
  [1114, 'TIMESTAMP'],
  [1184, 'TIMESTAMPTZ'],
  [1186, 'INTERVAL'],
  [1266, 'TIMETZ'],
  [2950, 'UUID'],
  [3802, 'JSON'],
]);

const ARRAYS = new Map([
  [1000, 'BOOLEAN'],
  [1005, 'SMALLINT'],
  [1007, 'INTEGER'],
  [1009, 'VARCHAR'],
  [1015, 'VARCHAR'],
  [1016, 'BIGINT'],
  [1021, 'FLOAT'],
  [1022, 'DOUBLE'],
  [1115, 'TIMESTAMP'],
  [1182, 'DATE'],
  [1185, 'TIMESTAMPTZ'],
  [1231, 'DOUBLE'],
  [2951, 'UUID'],
]);

export function isArray({ dataTypeID }: pg.FieldDef): boolean {
  return ARRAYS.has(dataTypeID);
}

/** The expression that reads a staged column with its type. */
export async function duckDbColumn(
  connection: DuckDBConnection,
  table: string,
  column: ResultColumn,
): Promise<string> {
  const { at, dataTypeID } = column;
  const element = ARRAYS.get(dataTypeID);
  if (element !== undefined)
    return `${at}::JSON::${await arrayType(connection, table, at, element)}`;
  if (dataTypeID === BYTEA) return `unhex(substr(${at}, 3))`;
  if (dataTypeID === NUMERIC) return `${at}::${await decimalType(connection, table, column)}`;
  const type = TYPES.get(dataTypeID);
  return type === undefined ? at : `${at}::${type}`;
}

/** Postgres does not tell how deep an array is; its values do. */
async function arrayType(
  connection: DuckDBConnection,
  table: string,
  at: string,
  element: string,
): Promise<string> {
  const found = await connection.run(
    `SELECT coalesce(max(length(regexp_extract(${at}, '^\\[+'))), 1) FROM ${table} WHERE ${at} <> '[]'`,
  );
  const depth = Number((await found.getRows())[0]?.[0] ?? 1);
  return element + '[]'.repeat(depth);
}

/** A numeric without a precision gets the digits that its values need. */
async function decimalType(
  connection: DuckDBConnection,
  table: string,
  { at, dataTypeModifier }: ResultColumn,
): Promise<string> {
  const declared = dataTypeModifier - 4;
  const [precision, scale] = [(declared >> 16) & 0xffff, declared & 0x7ff];
  if (dataTypeModifier >= 4 && precision <= MOST_DIGITS && scale <= precision) {
    const special = await connection.run(`SELECT 1 FROM ${table} WHERE ${at} = 'NaN' LIMIT 1`);
    return (await special.getRows()).length === 0 ? `DECIMAL(${precision},${scale})` : 'DOUBLE';
  }
  const found = await connection.run(
    `SELECT max(length(ltrim(split_part(${at}, '.', 1), '-'))), max(length(split_part(${at}, '.', 2))),
            bool_or(${at} IN ('NaN', 'Infinity', '-Infinity')) FROM ${table}`,
  );
  const [whole, fraction, special] = (await found.getRows())[0] ?? [];
  const digits = Number(whole ?? 1) + Number(fraction ?? 0);
  const fits = special !== true && digits <= MOST_DIGITS;
  return fits ? `DECIMAL(${MOST_DIGITS},${Number(fraction ?? 0)})` : 'DOUBLE';
}
