import type { DuckDBType, DuckDBValue } from '@duckdb/node-api';
import {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalType,
  DuckDBDecimalValue,
  DuckDBListType,
  DuckDBListValue,
  DuckDBStructType,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTypeId,
  DuckDBUUIDValue,
} from './duckdb.ts';

/** Stands for "this value does not fit the column's type". */
export const MISFIT = Symbol('misfit');

/** Turns what a block returned into what a column takes. It is not called for null and undefined. */
export type Encode = (value: unknown) => DuckDBValue | typeof MISFIT;

const DAY_MS = 86_400_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Lowest and highest value by type. */
const RANGES = new Map<DuckDBTypeId, readonly [bigint, bigint]>([
  [DuckDBTypeId.TINYINT, [-(2n ** 7n), 2n ** 7n - 1n]],
  [DuckDBTypeId.SMALLINT, [-(2n ** 15n), 2n ** 15n - 1n]],
  [DuckDBTypeId.INTEGER, [-(2n ** 31n), 2n ** 31n - 1n]],
  [DuckDBTypeId.BIGINT, [-(2n ** 63n), 2n ** 63n - 1n]],
  [DuckDBTypeId.UTINYINT, [0n, 2n ** 8n - 1n]],
  [DuckDBTypeId.USMALLINT, [0n, 2n ** 16n - 1n]],
  [DuckDBTypeId.UINTEGER, [0n, 2n ** 32n - 1n]],
  [DuckDBTypeId.UBIGINT, [0n, 2n ** 64n - 1n]],
]);
const BIG = new Set([DuckDBTypeId.BIGINT, DuckDBTypeId.UBIGINT]);

/**
 * The encoder of a type, or undefined for types that no value of JavaScript stands for.
 * A value fits a type if reading it back gives the same value.
 */
export function encoderOf(type: DuckDBType): Encode | undefined {
  const range = RANGES.get(type.typeId);
  if (range) return integer(range, BIG.has(type.typeId));
  if (type.alias === 'JSON') return json;
  if (type instanceof DuckDBDecimalType) return decimal(type);
  if (type instanceof DuckDBListType) return list(type);
  if (type instanceof DuckDBStructType) return struct(type);
  return PLAIN.get(type.typeId);
}

function uuid(text: string): DuckDBUUIDValue {
  return DuckDBUUIDValue.fromUint128(BigInt(`0x${text.replaceAll('-', '')}`));
}

function integer([low, high]: readonly [bigint, bigint], big: boolean): Encode {
  return (value) => {
    if (typeof value !== 'bigint' && !Number.isSafeInteger(value)) return MISFIT;
    const whole = BigInt(value as bigint | number);
    if (whole < low || whole > high) return MISFIT;
    return big ? whole : Number(whole);
  };
}

function decimal({ width, scale }: DuckDBDecimalType): Encode {
  return (value) => {
    const parts = /^(-?)(\d+)(?:\.(\d+))?$/.exec(String(value));
    if (!parts || typeof value === 'object') return MISFIT;
    const [, sign = '', whole = '', fraction = ''] = parts;
    const digits = `${whole}${fraction.padEnd(scale, '0')}`.replace(/^0+/, '');
    if (fraction.length > scale || digits.length > width) return MISFIT;
    return new DuckDBDecimalValue(BigInt(`${sign}${digits || '0'}`), width, scale);
  };
}

const double: Encode = (value) => {
  if (typeof value === 'number') return value;
  return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : MISFIT;
};

const json: Encode = (value) => {
  try {
    // It gives undefined for a function, whatever its type says.
    const text: unknown = JSON.stringify(value);
    return typeof text === 'string' ? text : MISFIT;
  } catch {
    return MISFIT;
  }
};

const PLAIN = new Map<DuckDBTypeId, Encode>([
  [DuckDBTypeId.BOOLEAN, (value) => (typeof value === 'boolean' ? value : MISFIT)],
  [DuckDBTypeId.DOUBLE, double],
  [DuckDBTypeId.FLOAT, (value) => (isFloat(value) ? value : MISFIT)],
  [DuckDBTypeId.VARCHAR, (value) => (typeof value === 'string' ? value : MISFIT)],
  [DuckDBTypeId.DATE, (value) => (isDate(value) && isMidnight(value) ? toDate(value) : MISFIT)],
  [
    DuckDBTypeId.TIMESTAMP,
    (value) => (isDate(value) ? new DuckDBTimestampValue(microsOf(value)) : MISFIT),
  ],
  [
    DuckDBTypeId.TIMESTAMP_TZ,
    (value) => (isDate(value) ? new DuckDBTimestampTZValue(microsOf(value)) : MISFIT),
  ],
  [
    DuckDBTypeId.BLOB,
    (value) => (value instanceof Uint8Array ? new DuckDBBlobValue(value) : MISFIT),
  ],
  [
    DuckDBTypeId.UUID,
    (value) => (typeof value === 'string' && UUID.test(value) ? uuid(value) : MISFIT),
  ],
]);

function list({ valueType }: DuckDBListType): Encode | undefined {
  const encode = encoderOf(valueType);
  if (!encode) return undefined;
  return (value) => {
    if (!Array.isArray(value)) return MISFIT;
    const items = value.map((item: unknown) => orNull(encode, item));
    return items.includes(MISFIT) ? MISFIT : new DuckDBListValue(items as DuckDBValue[]);
  };
}

function struct({ entryNames, entryTypes }: DuckDBStructType): Encode | undefined {
  const encoders = entryTypes.map(encoderOf);
  if (encoders.includes(undefined)) return undefined;
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return MISFIT;
    const record = value as Record<string, unknown>;
    if (Object.keys(record).some((key) => !entryNames.includes(key))) return MISFIT;
    const entries = entryNames.map(
      (name, at) => [name, orNull(encoders[at] as Encode, record[name])] as const,
    );
    if (entries.some(([, entry]) => entry === MISFIT)) return MISFIT;
    return new DuckDBStructValue(Object.fromEntries(entries) as Record<string, DuckDBValue>);
  };
}

export function orNull(encode: Encode, value: unknown): DuckDBValue | typeof MISFIT {
  return value === null || value === undefined ? null : encode(value);
}

function isFloat(value: unknown): value is number {
  return typeof value === 'number' && (Number.isNaN(value) || Math.fround(value) === value);
}

function isDate(value: unknown): value is Date {
  return value instanceof Date && !Number.isNaN(value.getTime());
}

function isMidnight(date: Date): boolean {
  return date.getTime() % DAY_MS === 0;
}

function toDate(date: Date): DuckDBDateValue {
  return new DuckDBDateValue(date.getTime() / DAY_MS);
}

function microsOf(date: Date): bigint {
  return BigInt(date.getTime()) * 1_000n;
}
