import { sql, type Kysely } from 'kysely';

/** Open notices that a mute kept from everyone are looked for again and again: when it ends they are told. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create index notice_muted on notice (id)
      where recovered_at is null and untold = 'muted'`.execute(db);
}
