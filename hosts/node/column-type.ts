import type { DuckDBType } from '@duckdb/node-api';
import {
  BIGINT,
  BLOB,
  BOOLEAN,
  DECIMAL,
  DOUBLE,
  DuckDBDecimalType,
  DuckDBListType,
  DuckDBTypeId,
  DuckDBVarCharType,
  LIST,
  SQLNULL,
  TIMESTAMP,
  VARCHAR,
} from './duckdb.ts';

const JSON_TEXT = new DuckDBVarCharType('JSON');
const WIDE = DECIMAL(38, 0);
const NATURAL = new Map<DuckDBTypeId, DuckDBType>([
  [DuckDBTypeId.TINYINT, BIGINT],
  [DuckDBTypeId.SMALLINT, BIGINT],
  [DuckDBTypeId.INTEGER, BIGINT],
  [DuckDBTypeId.UTINYINT, BIGINT],
  [DuckDBTypeId.USMALLINT, BIGINT],
  [DuckDBTypeId.UINTEGER, BIGINT],
  [DuckDBTypeId.UBIGINT, WIDE],
  [DuckDBTypeId.FLOAT, DOUBLE],
  [DuckDBTypeId.DATE, TIMESTAMP],
  [DuckDBTypeId.TIMESTAMP_TZ, TIMESTAMP],
  [DuckDBTypeId.UUID, VARCHAR],
  [DuckDBTypeId.STRUCT, JSON_TEXT],
]);
const INT64 = 2n ** 63n;
const WIDEST = 10n ** 38n;

/** The type that a column has when nothing but its values says so; undefined for what no column takes. */
export function naturalType(value: unknown): DuckDBType | undefined {
  if (value === null || value === undefined) return SQLNULL;
  if (typeof value === 'boolean') return BOOLEAN;
  if (typeof value === 'string') return VARCHAR;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BIGINT : DOUBLE;
  if (typeof value === 'bigint') return integerType(value);
  return typeof value === 'object' ? objectType(value) : undefined;
}

/** The type that holds the values of two types; undefined when they do not mix. */
export function commonType(one: DuckDBType, other: DuckDBType): DuckDBType | undefined {
  if (nameOf(one) === nameOf(other) || other === SQLNULL) return one;
  if (one === SQLNULL) return other;
  if (one instanceof DuckDBListType && other instanceof DuckDBListType) {
    const element = commonType(one.valueType, other.valueType);
    return element ? LIST(element) : JSON_TEXT;
  }
  const names = new Set([nameOf(one), nameOf(other)]);
  if (names.has('JSON') && [one, other].some((type) => type instanceof DuckDBListType)) {
    return JSON_TEXT;
  }
  if (!names.has('BIGINT')) return undefined;
  if (names.has('DOUBLE')) return DOUBLE;
  return names.has(nameOf(WIDE)) ? WIDE : undefined;
}

/** What values that were kept as another column's type are by themselves. */
export function naturalOf(type: DuckDBType): DuckDBType {
  if (type instanceof DuckDBListType) return LIST(naturalOf(type.valueType));
  if (type instanceof DuckDBDecimalType) return nameOf(type) === nameOf(WIDE) ? type : DOUBLE;
  return NATURAL.get(type.typeId) ?? type;
}

/** A type that a table can have: a column of nothing but nulls is text. */
export function storedType(type: DuckDBType): DuckDBType {
  if (type === SQLNULL) return VARCHAR;
  return type instanceof DuckDBListType ? LIST(storedType(type.valueType)) : type;
}

/** The type's name in SQL. */
export function nameOf(type: DuckDBType): string {
  return type.alias === 'JSON' ? 'JSON' : type.toString();
}

function integerType(value: bigint): DuckDBType | undefined {
  if (value >= -INT64 && value < INT64) return BIGINT;
  return value > -WIDEST && value < WIDEST ? WIDE : undefined;
}

function objectType(value: object): DuckDBType | undefined {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : TIMESTAMP;
  if (value instanceof Uint8Array) return BLOB;
  if (!Array.isArray(value)) return JSON_TEXT;
  let element: DuckDBType | undefined = SQLNULL;
  for (const item of value as unknown[]) {
    const next = naturalType(item);
    if (!next || nameOf(next) === 'JSON') return JSON_TEXT;
    element = commonType(element, next);
    if (!element) return JSON_TEXT;
  }
  return LIST(element);
}
