import { sql, type RawBuilder } from 'kysely';
import { endianness } from 'node:os';

const INT4_BYTES = 4;

/** One row of many values for each column; null when there are none. */
export type Packed<Columns extends string> = Record<Columns, Buffer | null>;

/** The whole numbers of a column, as `unpack` reads them. */
export function packed(column: string): RawBuilder<unknown> {
  return sql`string_agg(int4send(${sql.ref(column)}), ''::bytea)`;
}

/** The whole numbers, of four bytes each, that `int4send` has packed. */
export function unpack(packed: Buffer | null | undefined): Int32Array {
  if (!packed) return new Int32Array();
  const numbers = new Int32Array(packed.length / INT4_BYTES);
  const view = Buffer.from(numbers.buffer);
  packed.copy(view);
  if (endianness() === 'LE') view.swap32();
  return numbers;
}
