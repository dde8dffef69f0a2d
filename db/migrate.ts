import { Migrator, type Kysely } from 'kysely';
import * as runs from './migrations/0001-runs.ts';

const MIGRATIONS = { '0001-runs': runs };

/** Brings a database to the newest schema. Safe to call from several processes at once. */
export async function migrate(db: Kysely<never>): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve(MIGRATIONS) },
  });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error instanceof Error ? error : new Error('Migration failed', { cause: error });
}
