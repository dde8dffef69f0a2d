import type pg from 'pg';
import type { WriteMode } from '../../plan/plan.ts';
import { Fault } from '../../runtime/fault.ts';
import type { Delivered } from '../../workflows/activities.ts';
import type { PostgresColumn } from './postgres-column.ts';
import { identifier } from './quote.ts';
import type { Target } from './target-table.ts';

export const STAGING = 'pg_temp.highwater_staging';

const NO_UNIQUE_INDEX = '42P10';

/** Brings the staged rows to their table, within the caller's transaction. */
export function deliver(
  client: pg.Client,
  target: Target,
  columns: readonly PostgresColumn[],
  mode: WriteMode,
): Promise<Delivered> {
  switch (mode) {
    case 'append':
      return append(client, target, columns);
    case 'replace':
      return replace(client, target, columns);
    case 'merge':
      return merge(client, target, columns);
  }
}

async function append(
  client: pg.Client,
  { table }: Target,
  columns: readonly PostgresColumn[],
): Promise<Delivered> {
  const names = listed(columns);
  const inserted = await client.query(
    `INSERT INTO ${table} (${names}) SELECT ${names} FROM ${STAGING}`,
  );
  return { inserts: inserted.rowCount ?? 0, updates: 0, soft_deletes: 0 };
}

/** DELETE, since readers of an older snapshot would find a truncated table empty. */
async function replace(
  client: pg.Client,
  target: Target,
  columns: readonly PostgresColumn[],
): Promise<Delivered> {
  await client.query(`LOCK TABLE ${target.table} IN SHARE ROW EXCLUSIVE MODE`);
  await client.query(`DELETE FROM ${target.table}`);
  return append(client, target, columns);
}

/** Rows go in the order of their keys, so that two merges at once wait and do not deadlock. */
async function merge(
  client: pg.Client,
  target: Target,
  columns: readonly PostgresColumn[],
): Promise<Delivered> {
  await refuseUnmergeable(client, target);
  const keys = target.keys.map(identifier).join(', ');
  const changes = columns
    .filter(({ name }) => !target.keys.includes(name))
    .map(({ name }) => `${identifier(name)} = excluded.${identifier(name)}`);
  const names = listed(columns);
  const action = changes.length === 0 ? 'NOTHING' : `UPDATE SET ${changes.join(', ')}`;
  const counted = await client
    .query<{ inserts: string; soft_deletes: string; total: string }>(
      `WITH merged AS (
         INSERT INTO ${target.table} (${names})
         SELECT ${names} FROM ${STAGING} ORDER BY ${keys}
         ON CONFLICT (${keys}) DO ${action}
         RETURNING xmax = 0 AS inserted, ${isDeleted(target)} AS deleted
       )
       SELECT count(*) FILTER (WHERE inserted) AS inserts,
              count(*) FILTER (WHERE deleted AND NOT inserted) AS soft_deletes,
              (SELECT count(*) FROM ${STAGING}) AS total
       FROM merged`,
    )
    .catch((error: unknown) => {
      throw withoutIndex(error, target);
    });
  const [row] = counted.rows;
  const [inserts, soft_deletes] = [Number(row?.inserts), Number(row?.soft_deletes)];
  return { inserts, updates: Number(row?.total) - inserts - soft_deletes, soft_deletes };
}

/** True, a time, or whatever else is there, but false, 0 and nothing. */
function isDeleted({ softDelete }: Target): string {
  if (softDelete === undefined) return 'false';
  return `${identifier(softDelete)}::text NOT IN ('false', '0')`;
}

async function refuseUnmergeable(client: pg.Client, { name, keys }: Target): Promise<void> {
  const quoted = keys.map(identifier);
  const nulls = quoted.map((key) => `${key} IS NULL`).join(' OR ');
  const found = await client.query<{ key: string; times: string }>(
    `SELECT row_to_json(k)::text AS key, times FROM (
       SELECT ${quoted.join(', ')}, count(*) AS times FROM ${STAGING}
       GROUP BY ${quoted.join(', ')} HAVING count(*) > 1 OR ${nulls} LIMIT 1
     ) AS found, LATERAL (SELECT ${quoted.map((key) => `found.${key}`).join(', ')}) AS k`,
  );
  const [bad] = found.rows;
  if (!bad) return;
  const problem = Number(bad.times) > 1 ? `${bad.times} rows have the key` : 'a key has no value:';
  throw new Fault(
    'output.invalid',
    `The input can't be merged into table ${name}: ${problem} ${bad.key}. Each row needs a key of its own`,
  );
}

function withoutIndex(error: unknown, { name, table, keys }: Target): unknown {
  if ((error as { code?: string }).code !== NO_UNIQUE_INDEX) return error;
  const index = `CREATE UNIQUE INDEX ON ${table} (${keys.map(identifier).join(', ')})`;
  return new Fault(
    'output.invalid',
    `Table ${name} has no unique index on ${keys.join(', ')}, which a merge needs: ${index}`,
  );
}

function listed(columns: readonly PostgresColumn[]): string {
  return columns.map(({ name }) => identifier(name)).join(', ');
}
