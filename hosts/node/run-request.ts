import { join } from 'node:path';
import type { HostRequest, HostResult } from '../protocol.ts';
import { askSql } from './ask-sql.ts';
import { send } from './channel.ts';
import { createDatabase, type Database } from './database.ts';
import { readFile } from './read-file.ts';
import { readTable } from './read-table.ts';
import { runCode } from './run-code.ts';
import { runSql } from './run-sql.ts';
import { runPostgresSql } from './run-postgres-sql.ts';
import { writeFile } from './write-file.ts';
import { writeTable } from './write-table.ts';

const PROGRESS_MS = 500;

/** What every kind of work needs. */
export interface Attempt {
  readonly request: HostRequest;
  /** DuckDB with the inputs as views. */
  readonly database: Database;
  /** A folder for what need not outlive the attempt, there once the database is connected. */
  readonly scratch: string;
  readonly signal: AbortSignal;
  /** Tells the rows written so far, from time to time. */
  readonly progress: (rows: number) => void;
}

export interface RunOptions {
  readonly signal: AbortSignal;
  readonly memoryBytes: number;
}

/** Runs one request; whatever it used is closed and removed when it ends. */
export async function runRequest(
  request: HostRequest,
  { signal, memoryBytes }: RunOptions,
): Promise<HostResult> {
  const scratch = join(request.output.folder, '.scratch');
  const database = createDatabase({ inputs: request.inputs, scratch, memoryBytes });
  signal.addEventListener('abort', () => {
    database.interrupt();
  });
  try {
    const progress = progressOf(request.id);
    return await runWork({ request, database, scratch, signal, progress });
  } finally {
    await database.close();
  }
}

function runWork(attempt: Attempt): Promise<HostResult> {
  const { work } = attempt.request;
  switch (work.type) {
    case 'code':
      return runCode(attempt, work);
    case 'sql':
      return work.connection
        ? runPostgresSql(attempt, work, work.connection)
        : runSql(attempt, work);
    case 'ask':
      return askSql(attempt, work);
    case 'read_file':
      return readFile(attempt, work);
    case 'write_file':
      return writeFile(attempt, work);
    case 'read_table':
      return readTable(attempt, work);
    case 'write_table':
      return writeTable(attempt, work);
  }
}

function progressOf(id: number): (rows: number) => void {
  let told = Date.now();
  return (rows) => {
    if (Date.now() - told < PROGRESS_MS) return;
    told = Date.now();
    send({ type: 'progress', id, rows });
  };
}
