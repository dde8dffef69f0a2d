import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { Fault } from '../../runtime/fault.ts';
import type { Json } from '../../runtime/json.ts';
import { partFile } from '../part-file.ts';
import type { HostInput, HostRequest, HostResult, HostWork } from '../protocol.ts';
import { rowsOf, valueOf } from './input-view.ts';
import { identifier, literal } from './quote.ts';
import type { Attempt } from './run-request.ts';
import { sqlFault } from './sql-fault.ts';

type WriteFileWork = Extract<HostWork, { type: 'write_file' }>;

const LINES = /\.(jsonl|ndjson)$/;

/** Writes the one input to a file. A reader sees the old file or the new one, never half of it. */
export async function writeFile(attempt: Attempt, work: WriteFileWork): Promise<HostResult> {
  const { request, database } = attempt;
  const input = onlyInput(request, `File ${work.file}`);
  const part = partFile(request, work.file);
  await mkdir(dirname(part.target), { recursive: true });
  await part.discardBefore();
  try {
    const value = work.format === 'json' ? await valueOf(input) : undefined;
    const rows =
      value === undefined
        ? await copy(await database.connect(), input.alias, part.path, work)
        : await writeJson(part.path, value);
    await flush(part.path);
    await rename(part.path, part.target);
    return { rows, delivered: { inserts: rows, updates: 0, soft_deletes: 0 } };
  } finally {
    await part.discard();
  }
}

/** The input of an exporter, which has one. */
export function onlyInput({ inputs }: HostRequest, what: string): HostInput {
  const [input, ...others] = inputs;
  if (input && others.length === 0) return input;
  throw new Fault('block.invalid', `${what} takes one input, and this block has ${inputs.length}`);
}

async function copy(
  connection: DuckDBConnection,
  alias: string,
  path: string,
  { file, format }: WriteFileWork,
): Promise<number> {
  const options = optionsOf(format, file);
  try {
    const result = await connection.run(
      `COPY (FROM ${identifier(alias)}) TO ${literal(path)} (${options})`,
    );
    return Number((await result.getRows())[0]?.[0] ?? 0);
  } catch (error) {
    throw sqlFault(error, { file });
  }
}

function optionsOf(format: WriteFileWork['format'], file: string): string {
  if (format === 'csv') return 'FORMAT csv, HEADER';
  if (format === 'json') return LINES.test(file) ? 'FORMAT json' : 'FORMAT json, ARRAY true';
  return 'FORMAT parquet';
}

async function writeJson(path: string, value: Json): Promise<number> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(`${JSON.stringify(value, null, 2)}\n`);
  } finally {
    await file.close();
  }
  return rowsOf(value).length;
}

async function flush(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
