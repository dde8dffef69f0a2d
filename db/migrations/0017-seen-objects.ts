import { sql, type Kysely } from 'kysely';

/** Buckets list their keys byte by byte, and what was seen of them is read in the same order, page by page. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table seen_file alter column path type text collate "C"`.execute(db);
}
