import { sql, type Kysely } from 'kysely';

/** A pipeline may be late for several reasons at once, and a notice be open for each. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table pipeline_standing
      alter column announced type text[] using array_remove(array[announced], null),
      alter column announced set default '{}',
      alter column announced set not null`.execute(db);
}
