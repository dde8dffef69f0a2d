import { sql } from 'kysely';
import type { Db } from '../database.ts';

/** On this channel it is announced that somebody's turn to begin may have come: look at who waits. */
export const LIMIT_CHANNEL = 'highwater_limit';

/** Locks of one kind each: `(kind, hash of what is held)`. */
export const RUN_LOCKS = 726_394_012;
export const POOL_LOCKS = 726_394_013;

/** Heard when the transaction is committed. */
export async function announceTurns(tx: Db): Promise<void> {
  await sql`select pg_notify(${LIMIT_CHANNEL}, '')`.execute(tx);
}
