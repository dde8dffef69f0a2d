import { sql } from 'kysely';
import type { Db } from '../database.ts';
import { listMigrations } from '../migrate.ts';

/** How large tables and indexes are, and how well they are kept. */
export interface SchemaFacts {
  readonly bytes: number;
  readonly migrations: readonly { readonly name: string; readonly applied_at: Date | null }[];
  /** The largest first. */
  readonly tables: readonly TableFacts[];
  readonly indexes: readonly IndexFacts[];
  /** References that no index serves: removing what they refer to reads the whole table. */
  readonly missing_indexes: readonly {
    readonly table: string;
    readonly columns: string;
    /** How many rows have been removed from what they refer to. */
    readonly removals: number;
  }[];
}

export interface TableFacts {
  readonly name: string;
  readonly rows: number;
  readonly dead_rows: number;
  readonly bytes: number;
  readonly index_bytes: number;
  /** What the table holds beyond its rows, guessed from the average width of its columns. */
  readonly bloat_bytes: number;
  readonly whole_reads: number;
  readonly index_reads: number;
  readonly vacuumed_at: Date | null;
  readonly analyzed_at: Date | null;
}

export interface IndexFacts {
  readonly name: string;
  readonly table: string;
  readonly bytes: number;
  readonly reads: number;
  /** Nobody has read it since statistics began, and it keeps no key unique. */
  readonly unused: boolean;
}

export async function readSchema(db: Db): Promise<SchemaFacts> {
  const { rows: size } = await sql<{ bytes: number }>`
    select pg_database_size(current_database()) as bytes`.execute(db);
  return {
    bytes: size[0]?.bytes ?? 0,
    migrations: await listMigrations(db),
    tables: await readTables(db),
    indexes: await readIndexes(db),
    missing_indexes: await findMissingIndexes(db),
  };
}

/** A row has a header of 24 bytes and a pointer of 4; pages are filled to the brim at best. */
async function readTables(db: Db): Promise<TableFacts[]> {
  const { rows } = await sql<TableFacts>`
    with width as (
      select starelid, sum((1 - stanullfrac) * stawidth) as bytes from pg_statistic group by starelid
    )
    select t.relname as name, greatest(c.reltuples, 0)::bigint as rows, t.n_dead_tup as dead_rows,
      pg_table_size(t.relid) as bytes, pg_indexes_size(t.relid) as index_bytes,
      greatest(0, pg_relation_size(t.relid)
        - greatest(c.reltuples, 0) * (28 + coalesce(w.bytes, 0)))::bigint as bloat_bytes,
      t.seq_scan as whole_reads, coalesce(t.idx_scan, 0) as index_reads,
      greatest(t.last_vacuum, t.last_autovacuum) as vacuumed_at,
      greatest(t.last_analyze, t.last_autoanalyze) as analyzed_at
    from pg_stat_user_tables t join pg_class c on c.oid = t.relid
    left join width w on w.starelid = t.relid
    where t.schemaname = current_schema()
    order by pg_total_relation_size(t.relid) desc, t.relname`.execute(db);
  return rows;
}

async function readIndexes(db: Db): Promise<IndexFacts[]> {
  const { rows } = await sql<IndexFacts>`
    select s.indexrelname as name, s.relname as table, pg_relation_size(s.indexrelid) as bytes,
      s.idx_scan as reads, s.idx_scan = 0 and not i.indisunique as unused
    from pg_stat_user_indexes s join pg_index i on i.indexrelid = s.indexrelid
    where s.schemaname = current_schema()
    order by pg_relation_size(s.indexrelid) desc, s.indexrelname`.execute(db);
  return rows;
}

async function findMissingIndexes(db: Db): Promise<SchemaFacts['missing_indexes']> {
  const { rows } = await sql<SchemaFacts['missing_indexes'][number]>`
    select f.conrelid::regclass::text as table, (
      select string_agg(a.attname, ', ' order by k.at)
      from unnest(f.conkey) with ordinality k (column_number, at)
      join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.column_number) as columns,
      coalesce(pg_stat_get_tuples_deleted(f.confrelid), 0) as removals
    from pg_constraint f
    where f.contype = 'f' and f.connamespace = current_schema()::regnamespace
      and not exists (
        select from pg_index i
        where i.indrelid = f.conrelid
          and (i.indkey::int2[])[0:cardinality(f.conkey) - 1] @> f.conkey)
    order by 1, 2`.execute(db);
  return rows;
}
