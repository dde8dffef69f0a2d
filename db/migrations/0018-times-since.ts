import { sql, type Kysely } from 'kysely';

/** Since when a schedule fires as it does: what else is edited of a trigger makes it forget no missed fire time. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table trigger add times_since timestamptz not null default clock_timestamp()`.execute(db);
  await sql`update trigger set times_since = updated_at`.execute(db);
}
