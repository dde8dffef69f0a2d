import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import type { HostInput } from '../protocol.ts';
import { createInputView } from './input-view.ts';

/** DuckDB for one attempt: empty but for a view of each input. Opened when first asked for. */
export interface Database {
  connect(): Promise<DuckDBConnection>;
  /** A connection of one's own, to read row by row while others do something else. */
  connectApart(): Promise<DuckDBConnection>;
  /** Stops what runs, and frees everything. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly inputs: readonly HostInput[];
  /** Where DuckDB puts what does not fit into memory. */
  readonly scratch: string;
  readonly memoryBytes: number;
}

export function createDatabase(options: DatabaseOptions): Database {
  let opened: Promise<Opened> | undefined;
  return {
    async connect() {
      opened ??= open(options);
      return (await opened).connection;
    },
    async connectApart() {
      opened ??= open(options);
      return newConnection((await opened).instance);
    },
    async close() {
      const found = await opened?.catch(() => undefined);
      found?.connection.closeSync();
      found?.instance.closeSync();
    },
  };
}

interface Opened {
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
}

async function open({ inputs, scratch, memoryBytes }: DatabaseOptions): Promise<Opened> {
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    temp_directory: `${scratch}/duckdb`,
    memory_limit: `${Math.floor(memoryBytes / 1024)}KiB`,
  });
  const connection = await newConnection(instance);
  for (const input of inputs) await createInputView(connection, input, scratch);
  return { instance, connection };
}

async function newConnection(instance: DuckDBInstance): Promise<DuckDBConnection> {
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run('SET errors_as_json = true');
  return connection;
}
