import type { DuckDBConnection } from '@duckdb/node-api';
import { join } from 'node:path';
import { Fault } from '../../runtime/fault.ts';
import type { Watermark } from '../../workflows/activities.ts';
import type { HostOutput, HostResult } from '../protocol.ts';
import { fileFacts } from './file-facts.ts';
import { identifier, literal } from './quote.ts';

const NAME = 'data.parquet';
const DATES = /^(DATE|TIMESTAMP)/;
const NUMBERS = /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL)/;
const FLOATS = /^(FLOAT|DOUBLE)$/;

/** Describes the Parquet file that was written to the output folder. */
export async function finishParquet(
  connection: DuckDBConnection,
  { folder, watermarkColumn }: HostOutput,
): Promise<HostResult> {
  const path = join(folder, NAME);
  const source = `read_parquet(${literal(path)})`;
  const described = await connection.run(`DESCRIBE FROM ${source}`);
  const schema = (await described.getRows()).map(([name, type]) => ({
    name: String(name),
    type: String(type),
  }));
  const counted = await connection.run(
    `SELECT sum(num_rows)::BIGINT FROM parquet_file_metadata(${literal(path)})`,
  );
  const rows = Number((await counted.getRows())[0]?.[0] ?? 0);
  const file = { name: NAME, format: 'parquet' as const, ...(await fileFacts(path)), schema };
  if (watermarkColumn === null) return { rows, file };
  const watermark = await greatest(connection, source, schema, watermarkColumn);
  return { rows, file, ...(watermark && { watermark }) };
}

async function greatest(
  connection: DuckDBConnection,
  source: string,
  schema: readonly { name: string; type: string }[],
  column: string,
): Promise<Watermark | undefined> {
  const found = schema.find(({ name }) => name === column);
  if (!found) {
    const names = schema.map(({ name }) => name).join(', ');
    throw new Fault(
      'output.invalid',
      `The watermark's column '${column}' is not among the block's columns: ${names}`,
    );
  }
  const name = identifier(column);
  const some = FLOATS.test(found.type) ? `FILTER (NOT isnan(${name}))` : '';
  const result = await connection.run(`SELECT max(${name}) ${some}::VARCHAR FROM ${source}`);
  const value = (await result.getRows())[0]?.[0];
  if (typeof value !== 'string') return undefined;
  if (DATES.test(found.type)) return { value: isoTime(value), type: 'date' };
  return { value, type: NUMBERS.test(found.type) ? 'number' : 'text' };
}

/** DuckDB writes `2001-01-31 10:00:00+00`. */
function isoTime(text: string): string {
  return text.replace(' ', 'T').replace(/\+00$/, '+00:00');
}
