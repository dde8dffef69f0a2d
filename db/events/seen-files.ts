import { sql } from 'kysely';
import type { Db } from '../database.ts';

/** A stretch of paths in the order of their bytes. */
export interface PathRange {
  /** Without this one. */
  readonly after: string;
  /** With this one; undefined: to the end. */
  readonly to?: string | undefined;
}

/** By path: what a file of a place looked like when it was told of. */
export async function listSeen(
  db: Db,
  place: string,
  { after, to }: PathRange = { after: '' },
): Promise<Map<string, string>> {
  const { rows } = await sql<{ path: string; stamp: string }>`
    select path, stamp from seen_file where folder = ${place} and path > ${after}
      ${to === undefined ? sql`` : sql`and path <= ${to}`}`.execute(db);
  return new Map(rows.map(({ path, stamp }) => [path, stamp]));
}

/** From now on it is not told of again, as long as it looks the same. */
export async function noteSeen(
  db: Db,
  place: string,
  seen: readonly { readonly path: string; readonly stamp: string }[],
): Promise<void> {
  await sql`
    insert into seen_file (folder, path, stamp)
    select ${place}, s.path, s.stamp
    from unnest(${seen.map(({ path }) => path)}::text[], ${seen.map(({ stamp }) => stamp)}::text[])
      as s (path, stamp)
    on conflict (folder, path) do update set stamp = excluded.stamp, seen_at = clock_timestamp()`.execute(
    db,
  );
}

/** They are gone; one of the same name is a new file. */
export async function forgetFiles(db: Db, place: string, paths: readonly string[]): Promise<void> {
  await sql`
    delete from seen_file where folder = ${place} and path = any(${paths}::text[])`.execute(db);
}
