import type { DuckDBConnection } from '@duckdb/node-api';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../../runtime/fault.ts';
import type { Json, JsonObject } from '../../runtime/json.ts';
import type { HostInput } from '../protocol.ts';
import { identifier, literal } from './quote.ts';

/** Makes an input a view with its alias. A JSON list becomes one row an element, anything else one row. */
export async function createInputView(
  connection: DuckDBConnection,
  input: HostInput,
  scratch: string,
): Promise<void> {
  const source = await sourceOf(input, scratch);
  await connection.run(`CREATE VIEW ${identifier(input.alias)} AS ${source}`);
}

/** The JSON value of an input; undefined for a table. */
export async function valueOf(input: HostInput): Promise<Json | undefined> {
  if ('value' in input) return input.value;
  if (input.format === 'parquet') return undefined;
  return JSON.parse(await readInput(input.path)) as Json;
}

/** A JSON value as rows: a list gives one an element, and what is not an object is its `value`. */
export function rowsOf(value: Json): JsonObject[] {
  const elements = Array.isArray(value) ? (value as readonly Json[]) : [value];
  return elements.map((element) => (isObject(element) ? element : { value: element }));
}

async function sourceOf(input: HostInput, scratch: string): Promise<string> {
  const value = await valueOf(input);
  if (value === undefined) return `FROM read_parquet(${literal((input as { path: string }).path)})`;
  const rows = rowsOf(value);
  if (!rows.some((row) => Object.keys(row).length > 0)) {
    return `SELECT NULL::JSON AS value FROM range(${rows.length})`;
  }
  const file = join(scratch, `${input.alias}.json`);
  await writeFile(file, JSON.stringify(rows));
  return `FROM read_json(${literal(file)}, format = 'array', sample_size = -1, maximum_object_size = 268435456)`;
}

async function readInput(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new Fault('artifact.missing', `An input is not in the store any more: ${path}`, {
      cause: error,
    });
  }
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
