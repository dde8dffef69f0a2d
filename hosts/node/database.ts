import { mkdir, rm } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { DuckDBInstance } from './duckdb.ts';
import type { HostInput } from '../protocol.ts';
import { createInputView } from './input-view.ts';

/** DuckDB for one attempt: empty but for a view of each input. Opened when first asked for. */
export interface Database {
  connect(): Promise<DuckDBConnection>;
  /** A connection of one's own, to read row by row while others do something else. */
  connectApart(): Promise<DuckDBConnection>;
  disconnect(connection: DuckDBConnection): void;
  /** Makes every query that runs now fail. */
  interrupt(): void;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly inputs: readonly HostInput[];
  /** A folder for what need not outlive the attempt, there while the database is open. */
  readonly scratch: string;
  readonly memoryBytes: number;
}

export function createDatabase(options: DatabaseOptions): Database {
  const connections = new Set<DuckDBConnection>();
  let opened: Promise<Opened> | undefined;

  return {
    async connect() {
      opened ??= open(options);
      const { connection } = await opened;
      connections.add(connection);
      return connection;
    },
    async connectApart() {
      opened ??= open(options);
      const connection = await newConnection((await opened).instance);
      connections.add(connection);
      return connection;
    },
    disconnect(connection) {
      if (connections.delete(connection)) connection.closeSync();
    },
    interrupt() {
      for (const connection of connections) connection.interrupt();
    },
    async close() {
      const found = await opened?.catch(() => undefined);
      for (const connection of connections) connection.closeSync();
      connections.clear();
      found?.instance.closeSync();
      if (opened) await rm(options.scratch, { recursive: true, force: true });
    },
  };
}

interface Opened {
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
}

async function open({ inputs, scratch, memoryBytes }: DatabaseOptions): Promise<Opened> {
  await mkdir(scratch, { recursive: true });
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
