import { sql } from 'kysely';
import type { Db } from './database.ts';

/** Within it the work of a round goes on elsewhere: that may take longer than what a transaction does by itself. */
const STANDSTILL = '15min';

/** Does the work while no other process does it; undefined when another one is at it. */
export async function asLeader<T>(db: Db, lock: number, work: () => Promise<T>) {
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ won: boolean }>`
      select pg_try_advisory_xact_lock(${lock}) as won,
        set_config('idle_in_transaction_session_timeout', ${STANDSTILL}, true)`.execute(tx);
    return rows[0]?.won ? work() : undefined;
  });
}
