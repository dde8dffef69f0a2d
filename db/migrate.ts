import { Migrator } from 'kysely';
import type { Db } from './database.ts';
import * as runs from './migrations/0001-runs.ts';
import * as executions from './migrations/0002-executions.ts';
import * as lineage from './migrations/0003-lineage.ts';
import * as watermarks from './migrations/0004-watermarks.ts';
import * as freshness from './migrations/0005-freshness.ts';
import * as anomalies from './migrations/0006-anomalies.ts';
import * as notices from './migrations/0007-notices.ts';
import * as maintenance from './migrations/0008-maintenance.ts';
import * as triggers from './migrations/0009-triggers.ts';
import * as schedules from './migrations/0010-schedules.ts';
import * as events from './migrations/0011-events.ts';
import * as limits from './migrations/0012-limits.ts';
import * as backfills from './migrations/0013-backfills.ts';
import * as fewerIndexes from './migrations/0014-fewer-indexes.ts';
import * as seenObjects from './migrations/0017-seen-objects.ts';
import * as timesSince from './migrations/0018-times-since.ts';
import * as mutedNotices from './migrations/0019-muted-notices.ts';
import * as severalAnnounced from './migrations/0020-several-announced.ts';
import * as projectPools from './migrations/0021-project-pools.ts';
import * as lateParents from './migrations/0024-late-parents.ts';
import * as closedNotices from './migrations/0025-closed-notices.ts';
import * as requestedBy from './migrations/0026-requested-by.ts';

const MIGRATIONS = {
  '0001-runs': runs,
  '0002-executions': executions,
  '0003-lineage': lineage,
  '0004-watermarks': watermarks,
  '0005-freshness': freshness,
  '0006-anomalies': anomalies,
  '0007-notices': notices,
  '0008-maintenance': maintenance,
  '0009-triggers': triggers,
  '0010-schedules': schedules,
  '0011-events': events,
  '0012-limits': limits,
  '0013-backfills': backfills,
  '0014-fewer-indexes': fewerIndexes,
  '0017-seen-objects': seenObjects,
  '0018-times-since': timesSince,
  '0019-muted-notices': mutedNotices,
  '0020-several-announced': severalAnnounced,
  '0021-project-pools': projectPools,
  '0024-late-parents': lateParents,
  '0025-closed-notices': closedNotices,
  '0026-requested-by': requestedBy,
};

/** Brings a database to the newest schema. Safe to call from several processes at once. */
export async function migrate(db: Db): Promise<void> {
  const { error } = await migratorOf(db).migrateToLatest();
  if (error) throw error instanceof Error ? error : new Error('Migration failed', { cause: error });
}

/** Every migration, and when this database got it. */
export async function listMigrations(
  db: Db,
): Promise<{ readonly name: string; readonly applied_at: Date | null }[]> {
  const migrations = await migratorOf(db).getMigrations();
  return migrations.map(({ name, executedAt }) => ({ name, applied_at: executedAt ?? null }));
}

/** Names of the migrations that this database still lacks. */
export async function listPendingMigrations(db: Db): Promise<string[]> {
  const migrations = await migratorOf(db).getMigrations();
  return migrations.filter(({ executedAt }) => !executedAt).map(({ name }) => name);
}

function migratorOf(db: Db): Migrator {
  return new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve(MIGRATIONS) },
  });
}
