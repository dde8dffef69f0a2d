import { sql } from 'kysely';
import type { Db } from '../database.ts';

/** On this channel it is announced that somebody's turn to begin may have come: look at who waits. */
export const LIMIT_CHANNEL = 'highwater_limit';

/** Heard when the transaction is committed. */
export async function announceTurns(tx: Db): Promise<void> {
  await sql`select pg_notify(${LIMIT_CHANNEL}, '')`.execute(tx);
}
