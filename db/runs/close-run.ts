import { sql, type RawBuilder } from 'kysely';
import type { HeldWatermark } from '../../metadata/watermark-end.ts';
import type { ClosedBlock, CloseRun } from '../../workflows/activities.ts';
import { postgresJson } from '../../runtime/json.ts';
import { followUps, WAKE_WATCH } from './after-end.ts';
import { endInterval } from '../backfills/interval-runs.ts';
import type { Db } from '../database.ts';
import { blockEnds } from './end-blocks.ts';
import { IS_HEARD, tellEnds, tellWritten } from '../events/inside-events.ts';
import { isFailing, tellFailures } from './failed-runs.ts';
import { LIMIT_CHANNEL } from '../limits/limit-channel.ts';
import { giveAllSlotsBack } from '../limits/take-slots.ts';
import { PREPARED } from '../prepared.ts';
import { heldBy, holdWatermark, moveWatermark } from '../watermarks/watermarks.ts';

/** The channel on which every end of a run is announced; the payload is its id, or several with commas. */
export const RUN_CHANNEL = 'highwater_run';

/**
 * Ends a run, its blocks and, in a sub-pipeline, its parent's block, and moves the watermark on:
 * all in one transaction. Closing a closed run changes nothing and answers false.
 */
export async function closeRun(db: Db, closing: CloseRun): Promise<boolean> {
  if (isPlain(closing) && (await endExecution(db, closing, IS_QUIET))) return true;
  return db.transaction().execute(async (tx) => {
    const run = await endExecution(tx, closing, sql`true`);
    if (!run) return false;
    if (mayHoldSlots(closing)) await giveAllSlotsBack(tx, closing.executionId);
    if (run.parent_id !== null) await endParentBlock(tx, run.parent_id, closing);
    if (run.backfill_id !== null) await endInterval(tx, closing.executionId, closing.state);
    if (closing.state === 'succeeded') await recordSuccess(tx, run, closing);
    await tellFailures(tx, [toEnd(run, closing)]);
    if (run.heard) await tellEnd(tx, closing);
    return true;
  });
}

/** As most ends are: the statement that ends it is all that is to be done, if its row agrees (IS_QUIET). */
function isPlain(closing: CloseRun): boolean {
  const { state, watermark, blocks } = closing;
  const succeeded = state === 'succeeded' && watermark === null;
  return succeeded && !mayHoldSlots(closing) && countDelivered(blocks).total_rows === 0;
}

/** Nobody has to hear of the end, nor waits for it by name, and it moves no watermark. */
const IS_QUIET = sql<boolean>`parent_id is null and backfill_id is null and not full_load
  and not ${isFailing(sql.ref('pipeline_execution.pipeline_id'))} and not ${IS_HEARD}`;

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
  readonly end_date: Date | null;
  readonly failing: boolean;
  readonly heard: boolean;
}

function toEnd(
  { pipeline_id: pipelineId, failing }: EndedRun,
  { executionId: id, state }: CloseRun,
) {
  return { id, pipelineId, state, failing };
}

/**
 * One statement for what every end needs, if the condition holds of its row. Whoever waits for the run is told to look
 * again, as soon as the end is committed.
 */
async function endExecution(
  tx: Db,
  closing: CloseRun,
  condition: RawBuilder<boolean>,
): Promise<EndedRun | undefined> {
  const { executionId, state, error, watermark, blocks } = closing;
  const { inserts, updates, soft_deletes, total_rows } = countDelivered(blocks);
  const succeeded = state === 'succeeded';
  const { rows } = await sql<EndedRun>`
    ${PREPARED} with done as (
      update pipeline_execution set
        state = ${state},
        completed_successfully = ${state === 'skipped' ? null : succeeded},
        end_date = greatest(clock_timestamp(), start_date + interval '1 microsecond'),
        duration_seconds = round(extract(epoch from clock_timestamp() - start_date)),
        error = ${error && postgresJson(error)},
        next_watermark = case when ${succeeded} and not keep_watermark
          then coalesce(${watermark?.value ?? null}, watermark) end,
        inserts = ${inserts},
        updates = ${updates},
        soft_deletes = ${soft_deletes},
        total_rows = ${total_rows},
        throughput = round(${total_rows}::numeric
          / nullif(extract(epoch from clock_timestamp() - start_date), 0), 4)
      where id = ${executionId} and state in ('queued', 'running') and ${condition}
      returning *
    ), ${blockEnds(closing)}, ${followUps()}
    select pipeline_id, parent_id, watermark, full_load, backfill_id, keep_watermark, end_date,
      ${isFailing(sql.ref('done.pipeline_id'))} as failing, ${IS_HEARD} as heard, ${WAKE_WATCH},
      case when limit_key is not null then pg_notify(${LIMIT_CHANNEL}, '') end as turns,
      pg_notify(${RUN_CHANNEL}, id::text) as announced
    from done`.execute(tx);
  return rows[0];
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
