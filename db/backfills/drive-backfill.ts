import { sql } from 'kysely';
import { Fault } from '../../runtime/fault.ts';
import { postgresJson, type JsonObject } from '../../runtime/json.ts';
import type {
  BackfillOrders,
  BackfillReport,
  EndedInterval,
  NextInterval,
} from '../../workflows/backfill.ts';
import type { Db } from '../database.ts';
import { recordBackfillChange, TEMPORAL } from './changes.ts';

/**
 * Writes down what a backfill's workflow has to tell, and answers what it is to do now. Called again with
 * the same report, it changes nothing more: an interval is the workflow's when it has the answer. Fails with
 * `backfill.not_found`.
 */
export async function driveBackfill(db: Db, report: BackfillReport): Promise<BackfillOrders> {
  return db.transaction().execute(async (tx) => {
    if (report.cancelled) await noteCancelled(tx, report.backfill);
    const backfill = await see(tx, report);
    await endIntervals(tx, report.backfill, report.ended);
    if (report.held.length === 0) await endForgotten(tx, report.backfill);
    const { state } = backfill;
    const next = state === 'running' ? await listNext(tx, backfill, report) : [];
    const isDone = next.length === 0 && report.held.length === 0 && (await finish(tx, backfill));
    return toOrders(backfill, isDone ? 'ended' : state, next);
  });
}

interface Driven {
  readonly id: number;
  readonly state: BackfillOrders['state'];
  readonly direction: 'asc' | 'desc';
  readonly maxParallel: number;
  readonly pipeline: string;
  readonly plan: string;
  readonly params: JsonObject;
  readonly triggerId: number | null;
  readonly priority: number;
  readonly moveWatermark: boolean;
}

/** Its workflow was cancelled in Temporal: on record unless somebody has cancelled the backfill already. */
async function noteCancelled(tx: Db, backfill: number): Promise<void> {
  const { rows } = await sql<{ pipeline: string }>`
    update backfill b set state = 'cancelling' from pipeline p
    where b.id = ${backfill} and p.id = b.pipeline_id and b.ended_at is null and b.state <> 'cancelling'
    returning p.name as pipeline`.execute(tx);
  for (const { pipeline } of rows) {
    await recordBackfillChange(tx, { backfill, pipeline, action: 'cancelled', actor: TEMPORAL });
  }
}

/** Whoever changes the backfill meanwhile waits for the end of the transaction. */
async function see(tx: Db, { backfill }: BackfillReport): Promise<Driven> {
  const { rows } = await sql<Driven>`
    update backfill b set seen_at = clock_timestamp() from pipeline p
    where b.id = ${backfill} and p.id = b.pipeline_id
    returning b.id, case when b.ended_at is null then b.state else 'ended' end as state, b.direction,
      b.max_parallel as "maxParallel", p.name as pipeline, b.version_hash as plan, b.params,
      b.trigger_id as "triggerId", b.priority, b.move_watermark as "moveWatermark"`.execute(tx);
  if (!rows[0]) throw new Fault('backfill.not_found', `No backfill ${backfill}`);
  return rows[0];
}

/** Runs end their intervals themselves; this is for those that could not, and for those without a row. */
async function endIntervals(
  tx: Db,
  backfill: number,
  ended: readonly EndedInterval[],
): Promise<void> {
  if (ended.length === 0) return;
  await sql`
    update backfill_interval i set state = e.state, attempts = e.attempt,
      error = case when i.execution_id is null then e.error end
    from jsonb_to_recordset(${postgresJson(ended)}::jsonb)
      as e(nr int, attempt int, state text, error jsonb)
    where i.backfill_id = ${backfill} and i.nr = e.nr
      and (i.state = 'running' and i.attempts = e.attempt
        or i.state = 'pending' and i.attempts = e.attempt - 1)`.execute(tx);
}

/** Running for nobody: the workflow that had started them was ended from outside. */
async function endForgotten(tx: Db, backfill: number): Promise<void> {
  await sql`
    update backfill_interval i set state = coalesce((
      select e.state from pipeline_execution e
      where e.id = i.execution_id and e.state not in ('queued', 'running')), 'terminated')
    where i.backfill_id = ${backfill} and i.state = 'running'`.execute(tx);
}

async function listNext(
  tx: Db,
  { id, direction }: Driven,
  { held, room }: BackfillReport,
): Promise<NextInterval[]> {
  if (room === 0) return [];
  const rows = await tx
    .selectFrom('backfill_interval')
    .select(['nr', 'attempts', 'interval_start', 'interval_end'])
    .where('backfill_id', '=', id)
    .where('state', '=', 'pending')
    .where(sql<boolean>`nr <> all(${held}::int[])`)
    .orderBy('nr', direction)
    .limit(room)
    .execute();
  return rows.map(({ nr, attempts, interval_start, interval_end }) => ({
    nr,
    attempt: attempts + 1,
    start: toText(interval_start),
    end: toText(interval_end),
  }));
}

/** False: intervals wait still. */
async function finish(tx: Db, { id, state }: Driven): Promise<boolean> {
  if (state === 'ended') return true;
  if (state === 'cancelling') {
    await sql`
      update backfill_interval set state = 'cancelled'
      where backfill_id = ${id} and state = 'pending'`.execute(tx);
  }
  const { numAffectedRows } = await sql`
    update backfill set ended_at = clock_timestamp(), state = case
      when state = 'cancelling' then 'cancelled'
      when exists (select from backfill_interval where backfill_id = ${id} and state <> 'succeeded')
        then 'failed'
      else 'succeeded' end
    where id = ${id} and ended_at is null
      and not exists (select from backfill_interval where backfill_id = ${id} and state = 'pending')
    `.execute(tx);
  return numAffectedRows === 1n;
}

function toOrders(
  { maxParallel, pipeline, plan, params, triggerId, priority, moveWatermark }: Driven,
  state: BackfillOrders['state'],
  next: readonly NextInterval[],
): BackfillOrders {
  const runs = { pipeline, plan, params, triggerId, priority, moveWatermark };
  return { state, maxParallel, next, runs };
}

/** `2026-03-29T00:00:00Z`: no interval begins within a second. */
function toText(time: Date): string {
  return time.toISOString().replace('.000Z', 'Z');
}
