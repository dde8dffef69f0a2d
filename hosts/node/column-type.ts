import {
  BIGINT,
  BLOB,
  BOOLEAN,
  DECIMAL,
  DOUBLE,
  DuckDBListType,
  DuckDBTypeId,
  DuckDBVarCharType,
  LIST,
  SQLNULL,
  TIMESTAMP,
  VARCHAR,
  type DuckDBType,
} from '@duckdb/node-api';

const JSON_TEXT = new DuckDBVarCharType('JSON');
const WIDE_INTEGER = DECIMAL(38, 0);
const INT64 = 2n ** 63n;
const WIDEST = 10n ** 38n;

/** The type that a column has when nothing but its values says so; undefined for what no column takes. */
export function naturalType(value: unknown): DuckDBType | undefined {
  switch (typeof value) {
    case 'undefined':
      return SQLNULL;
    case 'boolean':
      return BOOLEAN;
    case 'string':
      return VARCHAR;
    case 'number':
      return Number.isSafeInteger(value) ? BIGINT : DOUBLE;
    case 'bigint':
      if (value >= -INT64 && value < INT64) return BIGINT;
      return value > -WIDEST && value < WIDEST ? WIDE_INTEGER : undefined;
    case 'object':
      return objectType(value);
    default:
      return undefined;
  }
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
  return names.has(nameOf(WIDE_INTEGER)) ? WIDE_INTEGER : undefined;
}

/** What values that were kept as another column's type are by themselves. */
export function naturalOf(type: DuckDBType): DuckDBType {
  switch (type.typeId) {
    case DuckDBTypeId.TINYINT:
    case DuckDBTypeId.SMALLINT:
    case DuckDBTypeId.INTEGER:
    case DuckDBTypeId.UTINYINT:
    case DuckDBTypeId.USMALLINT:
    case DuckDBTypeId.UINTEGER:
      return BIGINT;
    case DuckDBTypeId.UBIGINT:
      return WIDE_INTEGER;
    case DuckDBTypeId.FLOAT:
      return DOUBLE;
    case DuckDBTypeId.DECIMAL:
      return nameOf(type) === nameOf(WIDE_INTEGER) ? type : DOUBLE;
    case DuckDBTypeId.DATE:
    case DuckDBTypeId.TIMESTAMP_TZ:
      return TIMESTAMP;
    case DuckDBTypeId.UUID:
      return VARCHAR;
    case DuckDBTypeId.LIST:
      return LIST(naturalOf((type as DuckDBListType).valueType));
    case DuckDBTypeId.STRUCT:
      return JSON_TEXT;
    default:
      return type;
  }
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

function objectType(value: object | null): DuckDBType | undefined {
  if (value === null) return SQLNULL;
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
