import { sql } from 'kysely';
import type { HeldWatermark } from '../metadata/watermark-end.ts';
import type { ClosedBlock, CloseRun } from '../workflows/activities.ts';
import { postgresJson } from '../runtime/json.ts';
import { afterEnd } from './after-end.ts';
import { endInterval } from './backfills/interval-runs.ts';
import { WORKER_LOST } from './block-runs.ts';
import type { Db } from './database.ts';
import { IS_HEARD, tellEnds, tellWritten } from './events/inside-events.ts';
import { isFailing } from './failed-runs.ts';
import { LIMIT_CHANNEL } from './limits/limit-channel.ts';
import { giveAllSlotsBack } from './limits/take-slots.ts';
import { PREPARED } from './prepared.ts';
import { heldBy, holdWatermark, moveWatermark } from './watermarks.ts';

/** The channel on which every end of a run is announced; the payload is its id, or several with commas. */
export const RUN_CHANNEL = 'highwater_run';

/**
 * Ends a run, its blocks and, in a sub-pipeline, its parent's block, and moves the watermark on:
 * all in one transaction. Closing a closed run changes nothing and answers false.
 */
export async function closeRun(db: Db, closing: CloseRun): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const run = await endExecution(tx, closing);
    if (!run) return false;
    await endBlocks(tx, closing);
    if (mayHoldSlots(closing)) await giveAllSlotsBack(tx, closing.executionId);
    if (run.parent_id !== null) await endParentBlock(tx, run.parent_id, closing);
    if (run.backfill_id !== null) await endInterval(tx, closing.executionId, closing.state);
    if (closing.state === 'succeeded') await recordSuccess(tx, run, closing);
    await afterEnd(tx, [toEnded(run, closing)]);
    if (run.heard) await tellEnd(tx, closing);
    return true;
  });
}

/** Who closes a run from outside knows nothing of its blocks. */
function mayHoldSlots({ holdsSlots, blocks }: CloseRun): boolean {
  return holdsSlots ?? blocks.length === 0;
}

interface EndedRun {
  readonly pipeline_id: number;
  readonly parent_id: number | null;
  readonly watermark: string | null;
  readonly full_load: boolean;
  readonly backfill_id: number | null;
  readonly keep_watermark: boolean;
  readonly start_date: Date | null;
  readonly end_date: Date | null;
  readonly failing: boolean;
  readonly heard: boolean;
}

function toEnded(
  { pipeline_id: pipelineId, start_date: start, end_date, failing }: EndedRun,
  { executionId: id, state }: CloseRun,
) {
  return { id, pipelineId, state, start, end: end_date ?? new Date(), failing };
}

/** Whoever waits for the run is told to look again, as soon as the end is committed. */
async function endExecution(tx: Db, closing: CloseRun): Promise<EndedRun | undefined> {
  const { executionId, state, error, watermark, blocks } = closing;
  const counts = countDelivered(blocks);
  return tx
    .updateTable('pipeline_execution')
    .modifyEnd(PREPARED)
    .set({
      state,
      completed_successfully: state === 'skipped' ? null : state === 'succeeded',
      end_date: sql`greatest(clock_timestamp(), start_date + interval '1 microsecond')`,
      duration_seconds: sql`round(extract(epoch from clock_timestamp() - start_date))`,
      error: error && postgresJson(error),
      next_watermark: state === 'succeeded' ? endMark(watermark) : null,
      ...counts,
      throughput: sql`round(${counts.total_rows}::numeric
        / nullif(extract(epoch from clock_timestamp() - start_date), 0), 4)`,
    })
    .where('id', '=', executionId)
    .where('state', 'in', ['queued', 'running'])
    .returning(['pipeline_id', 'parent_id', 'watermark', 'full_load'])
    .returning(['backfill_id', 'keep_watermark'])
    .returning(['start_date', 'end_date'])
    .returning(isFailing(sql.ref('pipeline_execution.pipeline_id')).as('failing'))
    .returning(IS_HEARD.as('heard'))
    .returning(sql`case when limit_key is not null then pg_notify(${LIMIT_CHANNEL}, '') end`.as('turns'))
    .returning(sql`pg_notify(${RUN_CHANNEL}, ${String(executionId)})`.as('announced'))
    .executeTakeFirst();
}

/** Where the next run begins, if this one has a say in it. */
function endMark(watermark: CloseRun['watermark']) {
  return sql<string | null>`case when not keep_watermark then
    coalesce(${watermark?.value ?? null}::text, watermark) end`;
}

/** Pipelines that follow this one begin with it. */
async function tellEnd(tx: Db, { executionId, blocks }: CloseRun): Promise<void> {
  await tellWritten(
    tx,
    executionId,
    blocks.map((block) => ({ block: block.name, rows: countDelivered([block]).total_rows })),
  );
  await tellEnds(tx, [executionId]);
}

function countDelivered(blocks: readonly ClosedBlock[]) {
  const sum = (key: 'inserts' | 'updates' | 'soft_deletes') =>
    blocks.reduce((total, { delivered }) => total + (delivered?.[key] ?? 0), 0);
  const [inserts, updates, soft_deletes] = [sum('inserts'), sum('updates'), sum('soft_deletes')];
  return { inserts, updates, soft_deletes, total_rows: inserts + updates + soft_deletes };
}

/**
 * Gives each block's last attempt the state in which the block ended. A row that never came in is made up
 * for, and a block that ended between two attempts gets one more, which never began. An earlier attempt
 * that is still open, or of which there is no row, was lost with its worker.
 */
async function endBlocks(tx: Db, { executionId, state, blocks }: CloseRun): Promise<void> {
  await sql`
    ${PREPARED} with closed as (
      select * from jsonb_to_recordset(${postgresJson(blocks)}::jsonb)
        as c(name text, state text, attempt int, rows bigint, error jsonb)
    ), latest as (
      select distinct on (block) block, attempt, state from block_run
      where execution_id = ${executionId} order by block, attempt desc
    ), ends as (
      select coalesce(c.name, l.block) as block, coalesce(c.state, ${state}) as state,
        c.name is not null as told, c.rows, c.error, l.attempt as known,
        case
          when l.block is null then coalesce(c.attempt, 0)
          when c.attempt is not null then greatest(c.attempt, l.attempt)
          when c.name is null or l.state in ('running', 'cancelled', c.state) then l.attempt
          else l.attempt + 1
        end as last
      from closed c full join latest l on l.block = c.name
    ), ended as (
      update block_run b
      set state = case when b.attempt = e.last then e.state else 'failed' end,
          rows = coalesce(b.rows, case when b.attempt = e.last then e.rows end),
          error = coalesce(b.error, case when b.attempt = e.last then e.error else ${WORKER_LOST}::jsonb end),
          finished_at = coalesce(b.finished_at, clock_timestamp())
      from ends e
      where b.execution_id = ${executionId} and b.block = e.block
        and (b.state = 'running' or b.state = 'cancelled' and b.attempt = e.last and e.told)
    )
    insert into block_run (execution_id, block, attempt, state, rows, error, finished_at)
    select ${executionId}, block, attempt,
      case when attempt = last then state else 'failed' end,
      case when attempt = last then rows end,
      case when attempt = last then error else ${WORKER_LOST}::jsonb end,
      case when attempt > 0 then clock_timestamp() end
    from ends, generate_series(coalesce(known + 1, least(last, 1)), last) as attempt
    on conflict do nothing`.execute(tx);
}

async function endParentBlock(
  tx: Db,
  parent: number,
  { executionId, state, error }: CloseRun,
): Promise<void> {
  await tx
    .updateTable('block_run')
    .set({
      state,
      finished_at: sql`clock_timestamp()`,
      error: error && postgresJson(error),
    })
    .where('execution_id', '=', parent)
    .where('child_execution_id', '=', executionId)
    .where('state', '=', 'running')
    .execute();
}

/** The first statement holds the pipeline's row for the second; a run that changes nothing needs neither. */
async function recordSuccess(tx: Db, run: EndedRun, closing: CloseRun): Promise<void> {
  const { executionId, blocks, watermark } = closing;
  const counts = countDelivered(blocks);
  const ends = !run.keep_watermark && (watermark !== null || run.full_load);
  const held =
    counts.total_rows > 0
      ? await recordWrites(tx, run, executionId, counts)
      : ends && (await holdWatermark(tx, run.pipeline_id, executionId));
  if (!held || !ends) return;
  await moveWatermark(tx, held, {
    pipelineId: run.pipeline_id,
    executionId,
    kind: 'run',
    actor: 'highwater',
    read: run.watermark,
    began: null,
    next: watermark?.value ?? null,
    type: watermark?.type ?? null,
    fullLoad: run.full_load,
  });
}

async function recordWrites(
  tx: Db,
  { pipeline_id, end_date }: EndedRun,
  executionId: number,
  { inserts, updates, soft_deletes }: ReturnType<typeof countDelivered>,
): Promise<HeldWatermark | undefined> {
  const { rows } = await sql<HeldWatermark>`
    update pipeline set
      last_target_insert = greatest(last_target_insert, ${inserts > 0 ? end_date : null}),
      last_target_update = greatest(last_target_update, ${updates > 0 ? end_date : null}),
      last_target_soft_delete =
        greatest(last_target_soft_delete, ${soft_deletes > 0 ? end_date : null})
    where id = ${pipeline_id}
    returning ${heldBy(executionId)}`.execute(tx);
  return rows[0];
}
