import type { DuckDBConnection, DuckDBDataChunk, DuckDBResult } from '@duckdb/node-api';
import type { Database } from './database.ts';
import { decoderOf } from './row-value.ts';
import type { Relation, Row } from './sdk.ts';
import { sqlFault } from './sql-fault.ts';
import { prepareLast } from './statement.ts';
import type { Query } from './write-query.ts';

const queries = new WeakMap<object, Query>();

/** A query over the inputs that runs when its rows are asked for. */
export function createRelation(database: Database, query: Query): Relation {
  const relation: Relation = {
    async rows() {
      const rows: Row[] = [];
      for await (const batch of batches(database, query)) rows.push(...batch);
      return rows;
    },
    async *stream() {
      for await (const batch of batches(database, query)) yield* batch;
    },
  };
  queries.set(relation, query);
  return relation;
}

/** The query behind what a block returned; undefined when that is no relation. */
export function queryOf(returned: unknown): Query | undefined {
  return typeof returned === 'object' && returned !== null ? queries.get(returned) : undefined;
}

/** Lets another object stand for a relation's query. */
export function alsoStandsFor(object: object, query: Query): void {
  queries.set(object, query);
}

async function* batches(database: Database, query: Query): AsyncIterable<Row[]> {
  const connection = await database.connectApart();
  try {
    const result = await start(connection, query);
    const names = result.deduplicatedColumnNames();
    const decoders = result.columnTypes().map(decoderOf);
    for (let chunk = await next(); chunk?.rowCount; chunk = await next()) {
      const columns = decoders.map((decode, at) => chunk.getColumnValues(at).map(decode));
      yield Array.from({ length: chunk.rowCount }, (_, row) =>
        Object.fromEntries(names.map((name, at) => [name, columns[at]?.[row]])),
      );
    }

    async function next(): Promise<DuckDBDataChunk | null> {
      try {
        return await result.fetchChunk();
      } catch (error) {
        throw sqlFault(error, query.written);
      }
    }
  } finally {
    database.disconnect(connection);
  }
}

async function start(
  connection: DuckDBConnection,
  { text, values, written }: Query,
): Promise<DuckDBResult> {
  try {
    return await (await prepareLast(connection, text, values)).stream();
  } catch (error) {
    throw sqlFault(error, written);
  }
}
