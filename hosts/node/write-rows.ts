import type { DuckDBConnection, DuckDBType } from '@duckdb/node-api';
import { join } from 'node:path';
import { Fault } from '../../runtime/fault.ts';
import type { HostResult } from '../protocol.ts';
import { encoderOf } from './column-value.ts';
import { finishParquet } from './parquet-output.ts';
import { identifier, literal } from './quote.ts';
import type { Attempt } from './run-request.ts';
import type { Row, RowStream } from './sdk.ts';
import { BATCH_ROWS, createTableWriter, type TableWriter } from './table-writer.ts';

const TABLE = 'highwater_output';

/**
 * Writes rows, one by one or in lists, to the output. Without rows and without declared columns
 * there is no table to write: the output is an empty list.
 */
export async function writeRows(
  attempt: Attempt,
  rows: RowStream,
  declared: Readonly<Record<string, string>>,
): Promise<HostResult> {
  const { database, request } = attempt;
  const connection = await database.connectApart();
  try {
    const columns = {
      known: await knownTypes(attempt),
      declared: await declaredTypes(connection, declared),
    };
    const writer = await createTableWriter(connection, TABLE, columns);
    await writeAll(writer, rows, attempt.progress);
    if (!writer.finish()) return { rows: 0, value: [] };
    const file = join(request.output.folder, 'data.parquet');
    await connection.run(`COPY ${TABLE} TO ${literal(file)} (FORMAT parquet)`);
    return await finishParquet(connection, request.output);
  } finally {
    database.disconnect(connection);
  }
}

async function writeAll(
  writer: TableWriter,
  rows: RowStream,
  progress: (rows: number) => void,
): Promise<void> {
  let batch: Row[] = [];
  for await (const next of rows) {
    for (const row of Array.isArray(next) ? (next as readonly Row[]) : [next as Row]) {
      batch.push(row);
      if (batch.length < BATCH_ROWS) continue;
      await writer.write(batch);
      progress(writer.rows);
      batch = [];
    }
  }
  await writer.write(batch);
}

/** The types of the inputs' columns: of several with one name, the first input's. */
async function knownTypes({ database, request }: Attempt): Promise<Map<string, DuckDBType>> {
  const known = new Map<string, DuckDBType>();
  const connection = await database.connect();
  for (const { alias } of request.inputs) {
    const input = await connection.prepare(`FROM ${identifier(alias)}`);
    for (let column = 0; column < input.columnCount; column += 1) {
      const name = input.columnName(column);
      const type = input.columnType(column);
      if (!known.has(name) && encoderOf(type)) known.set(name, type);
    }
    input.destroySync();
  }
  return known;
}

async function declaredTypes(
  connection: DuckDBConnection,
  declared: Readonly<Record<string, string>>,
): Promise<Map<string, DuckDBType>> {
  const types = new Map<string, DuckDBType>();
  for (const [name, text] of Object.entries(declared)) {
    const type = await typeOf(connection, text);
    if (!type || !encoderOf(type)) {
      throw new Fault(
        'block.invalid',
        `Column ${name} is declared as ${text}, which can't be written`,
      );
    }
    types.set(name, type);
  }
  return types;
}

async function typeOf(connection: DuckDBConnection, text: string): Promise<DuckDBType | undefined> {
  try {
    const statement = await connection.prepare(`SELECT CAST(NULL AS ${text})`);
    return statement.columnType(0);
  } catch {
    return undefined;
  }
}
