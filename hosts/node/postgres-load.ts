import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import type pg from 'pg';
import { from } from 'pg-copy-streams';
import { postgresColumn, type PostgresColumn } from './postgres-column.ts';
import { identifier, literal } from './quote.ts';

const NULL = '\\N';

/** The columns of a view, as Postgres will have them. */
export async function columnsOf(duck: DuckDBConnection, alias: string): Promise<PostgresColumn[]> {
  const view = await duck.prepare(`FROM ${identifier(alias)}`);
  const columns = Array.from({ length: view.columnCount }, (_, at) =>
    postgresColumn(view.columnName(at), view.columnType(at)),
  );
  view.destroySync();
  return columns;
}

/** Copies a view's rows into a table of Postgres that has these columns; the answer is their number. */
export async function loadTable(
  client: pg.Client,
  duck: DuckDBConnection,
  load: {
    readonly alias: string;
    readonly columns: readonly PostgresColumn[];
    /** Quoted. */
    readonly table: string;
    readonly scratch: string;
  },
): Promise<number> {
  const { alias, columns, table, scratch } = load;
  const file = join(scratch, `${alias}.csv`);
  const texts = columns.map(({ name, text }) => `${text} AS ${identifier(name)}`).join(', ');
  const written = await duck.run(
    `COPY (SELECT ${texts} FROM ${identifier(alias)}) TO ${literal(file)} ` +
      `(FORMAT csv, HEADER false, NULL ${literal(NULL)}, FORCE_QUOTE *)`,
  );
  const names = columns.map(({ name }) => identifier(name)).join(', ');
  const copy = client.query(
    from(`COPY ${table} (${names}) FROM STDIN (FORMAT csv, NULL ${literal(NULL)})`),
  );
  await pipeline(createReadStream(file), copy);
  await rm(file, { force: true });
  return Number((await written.getRows())[0]?.[0] ?? 0);
}
