import { sql } from 'kysely';
import type { ClosedState } from '../../plan/run-state.ts';
import type { BackfillPlace } from '../../workflows/backfill.ts';
import type { Db } from '../database.ts';

/** A run takes its place in its backfill, in the transaction that inserts it. Twice is harmless. */
export async function beginInterval(tx: Db, place: BackfillPlace, run: number): Promise<void> {
  await sql`
    update backfill_interval
    set state = 'running', attempts = ${place.attempt}, execution_id = ${run}, error = null
    where backfill_id = ${place.id} and nr = ${place.nr}
      and state = 'pending' and attempts = ${place.attempt - 1}`.execute(tx);
}

/** An interval ends with its run, in the same transaction. */
export async function endInterval(tx: Db, run: number, state: ClosedState): Promise<void> {
  await sql`
    update backfill_interval set state = ${state}
    where execution_id = ${run} and state = 'running'`.execute(tx);
}
