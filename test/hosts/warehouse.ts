import pg from 'pg';
import { afterAll, beforeAll } from 'vitest';
import type { HostConnection, HostInput, HostWork } from '../../hosts/protocol.ts';
import { sqlWork, testPool } from '../../hosts/test-pool.ts';
import type { WriteMode } from '../../plan/plan.ts';
import { createDatabase } from '../support/servers.ts';

/** Hosts beside a database of their own, which they know as the connection `warehouse`. */
export function testWarehouse() {
  const { pool, run } = testPool({ max: 4 });
  const connection: { -readonly [Key in keyof HostConnection]: HostConnection[Key] } = {
    name: 'warehouse',
    type: 'postgres',
    url: '',
  };
  let client: pg.Client | undefined;
  let names = 0;

  beforeAll(async () => {
    connection.url = await createDatabase();
    client = new pg.Client({ connectionString: connection.url });
    await client.connect();
  });
  afterAll(async () => {
    await pool.close();
    await client?.end();
  });

  const newName = () => {
    names += 1;
    return `target_${names}`;
  };

  return {
    connection,
    run,
    newName,
    write: (name: string, mode: WriteMode, keys: string[] = []) =>
      ({ type: 'write_table', connection, table: name, mode, keys }) as const,
    /** Each delivery of a run of its own. */
    deliver: (work: HostWork, input: HostInput, key = `run/${newName()}`) =>
      run({ work, inputs: [input], run: { key }, io: { timeoutMs: 60_000 } }),
    /** The rows of a query from outside. */
    query: async (sql: string): Promise<Record<string, unknown>[]> =>
      (await client?.query<Record<string, unknown>>(sql))?.rows ?? [],
    /** What a block made of this query, as an input. */
    table: async (sql: string, alias = 't'): Promise<HostInput> => {
      const { path } = await run({ work: sqlWork(sql) });
      return { alias, path, format: 'parquet' };
    },
  };
}
