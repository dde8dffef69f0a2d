import {
  DuckDBTypeId,
  type DuckDBArrayType,
  type DuckDBArrayValue,
  type DuckDBBlobValue,
  type DuckDBDateValue,
  type DuckDBDecimalValue,
  type DuckDBListType,
  type DuckDBListValue,
  type DuckDBMapType,
  type DuckDBMapValue,
  type DuckDBStructType,
  type DuckDBStructValue,
  type DuckDBTimestampMillisecondsValue,
  type DuckDBTimestampNanosecondsValue,
  type DuckDBTimestampSecondsValue,
  type DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';

type Decode = (value: DuckDBValue) => unknown;

const DAY_MS = 86_400_000;
const DECIMAL_DIGITS = 15;

/** How a column of this type is given to a block, as `Row` in the SDK promises. NULL is null. */
export function decoderOf(type: DuckDBType): Decode {
  const decode = decodeSome(type);
  return (value) => (value === null ? null : decode(value));
}

function decodeSome(type: DuckDBType): Decode {
  switch (type.typeId) {
    case DuckDBTypeId.BIGINT:
    case DuckDBTypeId.UBIGINT:
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UHUGEINT:
      return (value) => shorter(value as bigint);
    case DuckDBTypeId.DECIMAL:
      return (value) => decimal(value as DuckDBDecimalValue);
    case DuckDBTypeId.DATE:
      return (value) => new Date((value as DuckDBDateValue).days * DAY_MS);
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_TZ:
      return (value) => new Date(Number((value as DuckDBTimestampValue).micros / 1_000n));
    case DuckDBTypeId.TIMESTAMP_S:
      return (value) => new Date(Number((value as DuckDBTimestampSecondsValue).seconds) * 1_000);
    case DuckDBTypeId.TIMESTAMP_MS:
      return (value) => new Date(Number((value as DuckDBTimestampMillisecondsValue).millis));
    case DuckDBTypeId.TIMESTAMP_NS:
      return (value) =>
        new Date(Number((value as DuckDBTimestampNanosecondsValue).nanos / 1_000_000n));
    case DuckDBTypeId.BLOB:
      return (value) => Uint8Array.from((value as DuckDBBlobValue).bytes);
    case DuckDBTypeId.VARCHAR:
      return type.alias === 'JSON' ? (value) => JSON.parse(value as string) as unknown : same;
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY:
      return list(decoderOf((type as DuckDBListType | DuckDBArrayType).valueType));
    case DuckDBTypeId.STRUCT:
      return struct(type as DuckDBStructType);
    case DuckDBTypeId.MAP:
      return map(decoderOf((type as DuckDBMapType).valueType));
    case DuckDBTypeId.TIME:
    case DuckDBTypeId.TIME_TZ:
    case DuckDBTypeId.INTERVAL:
    case DuckDBTypeId.UUID:
    case DuckDBTypeId.BIT:
      return (value) => String(value);
    default:
      return same;
  }
}

const same: Decode = (value) => value;

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
