import type {
  DuckDBArrayValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBType,
  DuckDBValue,
} from '@duckdb/node-api';
import {
  DuckDBArrayType,
  DuckDBListType,
  DuckDBMapType,
  DuckDBStructType,
  DuckDBTypeId,
} from './duckdb.ts';

interface Micros {
  readonly micros: bigint;
}

interface Bytes {
  readonly bytes: Uint8Array;
}

type Decode = (value: DuckDBValue) => unknown;

const NANOS_PER_MS = 1_000_000n;
const DAY_MS = 86_400_000;
const DECIMAL_DIGITS = 15;

const PLAIN = new Map<DuckDBTypeId, Decode>([
  [DuckDBTypeId.BIGINT, (value) => shorter(value as bigint)],
  [DuckDBTypeId.UBIGINT, (value) => shorter(value as bigint)],
  [DuckDBTypeId.HUGEINT, (value) => shorter(value as bigint)],
  [DuckDBTypeId.UHUGEINT, (value) => shorter(value as bigint)],
  [DuckDBTypeId.DECIMAL, (value) => decimal(value as DuckDBDecimalValue)],
  [DuckDBTypeId.DATE, (value) => new Date((value as DuckDBDateValue).days * DAY_MS)],
  [DuckDBTypeId.TIMESTAMP, (value) => fromMicros((value as Micros).micros)],
  [DuckDBTypeId.TIMESTAMP_TZ, (value) => fromMicros((value as Micros).micros)],
  [
    DuckDBTypeId.TIMESTAMP_S,
    (value) => new Date(Number((value as DuckDBTimestampSecondsValue).seconds) * 1_000),
  ],
  [
    DuckDBTypeId.TIMESTAMP_MS,
    (value) => new Date(Number((value as DuckDBTimestampMillisecondsValue).millis)),
  ],
  [
    DuckDBTypeId.TIMESTAMP_NS,
    (value) => new Date(Number((value as DuckDBTimestampNanosecondsValue).nanos / NANOS_PER_MS)),
  ],
  [DuckDBTypeId.BLOB, (value) => Uint8Array.from((value as Bytes).bytes)],
  [DuckDBTypeId.TIME, String],
  [DuckDBTypeId.TIME_TZ, String],
  [DuckDBTypeId.INTERVAL, String],
  [DuckDBTypeId.UUID, String],
  [DuckDBTypeId.BIT, String],
]);

/** How a column of this type is given to a block, as `Row` in the SDK promises. NULL is null. */
export function decoderOf(type: DuckDBType): Decode {
  const decode = decodeSome(type);
  return (value) => (value === null ? null : decode(value));
}

function decodeSome(type: DuckDBType): Decode {
  if (type.alias === 'JSON') return (value) => JSON.parse(value as string) as unknown;
  if (type instanceof DuckDBListType || type instanceof DuckDBArrayType) {
    return list(decoderOf(type.valueType));
  }
  if (type instanceof DuckDBStructType) return struct(type);
  if (type instanceof DuckDBMapType) return map(decoderOf(type.valueType));
  return PLAIN.get(type.typeId) ?? ((value) => value);
}

function fromMicros(micros: bigint): Date {
  return new Date(Number(micros / 1_000n));
}

function shorter(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function decimal(value: DuckDBDecimalValue): number | string {
  const text = value.toString();
  return text.replace(/^-?0*\.?|\D/g, '').length <= DECIMAL_DIGITS ? Number(text) : text;
}

function list(decode: Decode): Decode {
  return (value) => (value as DuckDBListValue | DuckDBArrayValue).items.map(decode);
}

function struct(type: DuckDBStructType): Decode {
  const fields = type.entryNames.map(
    (name, index) => [name, decoderOf(type.entryTypes[index] as DuckDBType)] as const,
  );
  return (value) => {
    const { entries } = value as DuckDBStructValue;
    return Object.fromEntries(
      fields.map(([name, decode]) => [name, decode(entries[name] ?? null)]),
    );
  };
}

function map(decode: Decode): Decode {
  return (value) =>
    Object.fromEntries(
      (value as DuckDBMapValue).entries.map((entry) => [String(entry.key), decode(entry.value)]),
    );
}
