import type { DuckDBType } from '@duckdb/node-api';
import { DuckDBArrayType, DuckDBDecimalType, DuckDBListType, DuckDBTypeId } from './duckdb.ts';
import { identifier } from './quote.ts';

/** A column on its way from DuckDB to Postgres. */
export interface PostgresColumn {
  readonly name: string;
  /** Its type in Postgres. */
  readonly type: string;
  /** DuckDB's expression for the text that Postgres reads. */
  readonly text: string;
}

const TYPES = new Map<DuckDBTypeId, string>([
  [DuckDBTypeId.BOOLEAN, 'boolean'],
  [DuckDBTypeId.TINYINT, 'smallint'],
  [DuckDBTypeId.SMALLINT, 'smallint'],
  [DuckDBTypeId.UTINYINT, 'smallint'],
  [DuckDBTypeId.INTEGER, 'integer'],
  [DuckDBTypeId.USMALLINT, 'integer'],
  [DuckDBTypeId.BIGINT, 'bigint'],
  [DuckDBTypeId.UINTEGER, 'bigint'],
  [DuckDBTypeId.UBIGINT, 'numeric(20,0)'],
  [DuckDBTypeId.HUGEINT, 'numeric(39,0)'],
  [DuckDBTypeId.UHUGEINT, 'numeric(39,0)'],
  [DuckDBTypeId.FLOAT, 'real'],
  [DuckDBTypeId.DOUBLE, 'double precision'],
  [DuckDBTypeId.BLOB, 'bytea'],
  [DuckDBTypeId.DATE, 'date'],
  [DuckDBTypeId.TIME, 'time'],
  [DuckDBTypeId.TIME_TZ, 'timetz'],
  [DuckDBTypeId.TIMESTAMP, 'timestamp'],
  [DuckDBTypeId.TIMESTAMP_S, 'timestamp'],
  [DuckDBTypeId.TIMESTAMP_MS, 'timestamp'],
  [DuckDBTypeId.TIMESTAMP_NS, 'timestamp'],
  [DuckDBTypeId.TIMESTAMP_TZ, 'timestamptz'],
  [DuckDBTypeId.INTERVAL, 'interval'],
  [DuckDBTypeId.UUID, 'uuid'],
  [DuckDBTypeId.STRUCT, 'jsonb'],
  [DuckDBTypeId.MAP, 'jsonb'],
  [DuckDBTypeId.UNION, 'jsonb'],
]);

export function postgresColumn(name: string, type: DuckDBType): PostgresColumn {
  return { name, type: postgresType(type), text: textOf(identifier(name), type) };
}

/** The Postgres type that holds every value of a type of DuckDB. */
function postgresType(type: DuckDBType): string {
  if (type.alias === 'JSON') return 'jsonb';
  if (type instanceof DuckDBDecimalType) return `numeric(${type.width},${type.scale})`;
  const element = elementOf(type);
  if (element) return `${postgresType(element)}[]`;
  return isList(type) ? 'jsonb' : (TYPES.get(type.typeId) ?? 'text');
}

function textOf(value: string, type: DuckDBType): string {
  const element = elementOf(type);
  if (element) {
    const item = `replace(replace((${textOf('x', element)})::VARCHAR, '\\', '\\\\'), '"', '\\"')`;
    const items = `list_transform(${value}, lambda x: CASE WHEN x IS NULL THEN 'NULL' ELSE '"' || ${item} || '"' END)`;
    return `'{' || array_to_string(${items}, ',') || '}'`;
  }
  if (type.typeId === DuckDBTypeId.BLOB) return `'\\x' || hex(${value})`;
  if (postgresType(type) === 'jsonb') return `to_json(${value})`;
  return value;
}

/** Lists of plain values become arrays; those of anything else are JSON. */
function elementOf(type: DuckDBType): DuckDBType | undefined {
  if (!isList(type)) return undefined;
  const element = type.valueType;
  return isList(element) || postgresType(element) === 'jsonb' ? undefined : element;
}

function isList(type: DuckDBType): type is DuckDBListType | DuckDBArrayType {
  return type instanceof DuckDBListType || type instanceof DuckDBArrayType;
}
