import { sql, type Kysely } from 'kysely';

/** Who asked for a run by hand. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table pipeline_execution add column requested_by text`.execute(db);
}
