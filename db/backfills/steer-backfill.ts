import { sql } from 'kysely';
import type { Hash } from '../../plan/plan.ts';
import type { Interval } from '../../triggers/intervals.ts';
import type { Db } from '../database.ts';
import { GAVE_WAY } from './choose-intervals.ts';

/** Running becomes paused: what runs goes on, nothing new starts. False: it is not running. */
export async function pauseBackfill(tx: Db, id: number): Promise<boolean> {
  return changeState(tx, id, ['running'], 'paused');
}

export async function resumeBackfill(tx: Db, id: number): Promise<boolean> {
  return changeState(tx, id, ['paused'], 'running');
}

/** Its workflow ends the runs that run, and then the backfill. */
export async function cancelBackfill(tx: Db, id: number): Promise<boolean> {
  return changeState(tx, id, ['running', 'paused'], 'cancelling');
}

export async function setMaxParallel(tx: Db, id: number, maxParallel: number): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('backfill')
    .set({ max_parallel: maxParallel, changed_at: sql`clock_timestamp()` })
    .where('id', '=', id)
    .where('state', 'in', ['running', 'paused'])
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Whether an interval's newest run ended without success, though no person cancelled it by itself. */
const HAS_FAILED = sql<boolean>`
  (state in ('failed', 'timed_out', 'terminated', 'skipped') or state = 'cancelled' and (
    exists (select from backfill b where b.id = backfill_id and b.state = 'terminated')
    or exists (select from pipeline_execution e where e.id = execution_id and ${GAVE_WAY})))`;

/** Keeps its workflow from ending it until the transaction ends. Answers what a retry would run again. */
export async function holdFailed(tx: Db, id: number): Promise<Interval[]> {
  await sql`select from backfill where id = ${id} for no key update`.execute(tx);
  return tx
    .selectFrom('backfill_interval')
    .select(['interval_start as start', 'interval_end as end'])
    .where('backfill_id', '=', id)
    .where(HAS_FAILED)
    .orderBy('nr')
    .execute();
}

/** What failed waits again, for a run of this plan; an ended backfill goes on. */
export async function retryFailed(tx: Db, id: number, plan: Hash): Promise<void> {
  await tx
    .updateTable('backfill_interval')
    .set({ state: 'pending', error: null })
    .where('backfill_id', '=', id)
    .where(HAS_FAILED)
    .execute();
  await sql`
    update backfill set version_hash = ${plan}, ended_at = null, changed_at = clock_timestamp(),
      state = case when state = 'paused' then 'paused' else 'running' end
    where id = ${id} and state in ('running', 'paused', 'failed', 'terminated')`.execute(tx);
}

type Open = 'running' | 'paused';

async function changeState(
  tx: Db,
  id: number,
  from: readonly Open[],
  to: Open | 'cancelling',
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('backfill')
    .set({ state: to, changed_at: sql`clock_timestamp()` })
    .where('id', '=', id)
    .where('state', 'in', from)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}
