import type pg from 'pg';
import { Fault } from '../../runtime/fault.ts';
import type { HostWork } from '../protocol.ts';
import type { PostgresColumn } from './postgres-column.ts';
import { identifier } from './quote.ts';

export type WriteTableWork = Extract<HostWork, { type: 'write_table' }>;

/** A table that an exporter writes to. */
export interface Target {
  /** As the user wrote it, for messages. */
  readonly name: string;
  /** Quoted, with its schema if one was given. */
  readonly table: string;
  /** By which rows are found again; none unless it merges. */
  readonly keys: readonly string[];
  /** The column that marks rows as deleted. */
  readonly softDelete?: string;
}

export function targetOf({ table: name, mode, keys, softDelete }: WriteTableWork): Target {
  const table = name.split('.').map(identifier).join('.');
  if (mode !== 'merge') return { name, table, keys: [] };
  return { name, table, keys, ...(softDelete !== undefined && { softDelete }) };
}

/** Creates the table if there is none, and checks that it has every column that is to be written. */
export async function prepareTarget(
  client: pg.Client,
  target: Target,
  columns: readonly PostgresColumn[],
): Promise<void> {
  const { keys, softDelete } = target;
  requireColumns(target, columns, 'key column', keys);
  requireColumns(target, columns, 'column', softDelete === undefined ? [] : [softDelete]);
  const existing = (await columnNames(client, target)) ?? (await create(client, target, columns));
  const missing = columns.filter(({ name }) => !existing.has(name));
  if (missing.length === 0) return;
  const add = missing.map(({ name, type }) => `ADD COLUMN ${identifier(name)} ${type}`).join(', ');
  const names = missing.map(({ name }) => name).join(', ');
  throw new Fault(
    'output.invalid',
    `Table ${target.name} has no column ${names}. Leave it out, or add it: ALTER TABLE ${target.table} ${add}`,
  );
}

function requireColumns(
  { name }: Target,
  columns: readonly PostgresColumn[],
  noun: string,
  wanted: readonly string[],
): void {
  const missing = wanted.filter((each) => !columns.some((column) => column.name === each));
  if (missing.length === 0) return;
  throw new Fault(
    'output.invalid',
    `The input for table ${name} has no ${noun} ${missing.join(', ')}: it has ${columns.map((column) => column.name).join(', ')}`,
  );
}

async function columnNames(client: pg.Client, { table }: Target): Promise<Set<string> | undefined> {
  const found = await client.query<{ oid: string | null; names: string | null }>(
    `SELECT to_regclass($1)::oid AS oid,
            (SELECT json_agg(attname) FROM pg_attribute
             WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped) AS names`,
    [table],
  );
  const [row] = found.rows;
  if (!row || row.oid === null) return undefined;
  return new Set(JSON.parse(row.names ?? '[]') as string[]);
}

/** Two exporters may find the same table missing: the lock lets one of them create it. */
async function create(
  client: pg.Client,
  target: Target,
  columns: readonly PostgresColumn[],
): Promise<Set<string>> {
  await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [target.table]);
  const existing = await columnNames(client, target);
  if (existing) return existing;
  const definitions = columns.map(({ name, type }) => `${identifier(name)} ${type}`);
  const keys = target.keys.map(identifier).join(', ');
  const primary = keys === '' ? [] : [`PRIMARY KEY (${keys})`];
  await client.query(`CREATE TABLE ${target.table} (${[...definitions, ...primary].join(', ')})`);
  return new Set(columns.map(({ name }) => name));
}
