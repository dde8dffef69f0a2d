import { sql, type RawBuilder } from 'kysely';
import {
  asksForPast,
  judgeEnd,
  type HeldWatermark,
  type LoadedStretch,
} from '../../metadata/watermark-end.ts';
import {
  isWatermark,
  lowestWatermark,
  type WatermarkType,
} from '../../metadata/watermark-order.ts';
import { Fault } from '../../runtime/fault.ts';
import type { Db } from '../database.ts';

/** An execution that succeeded, and how far it came. */
export interface WatermarkMove extends LoadedStretch {
  readonly pipelineId: number;
  readonly executionId: number;
  /** Who moves it. */
  readonly actor: string;
  readonly kind: 'run' | 'reported';
}

/** A watermark that somebody chooses; null starts over. */
export interface WatermarkSetting {
  readonly pipelineId: number;
  readonly value: string | null;
  readonly actor: string;
  readonly reason: string;
}

/** Columns of `pipeline`: its watermark, and whether it was set since this execution began. */
export function heldBy(executionId: number | null): RawBuilder<unknown> {
  return sql`
    pipeline.watermark as value, pipeline.watermark_type as type,
    coalesce(pipeline.watermark_set_at > (
      select case when e.trigger_kind = 'reported' then e.requested_at else e.start_date end
      from pipeline_execution e where e.id = ${executionId}::bigint), false) as "setSince"`;
}

/** Keeps everybody else from changing the watermark until the transaction ends. */
export async function holdWatermark(
  tx: Db,
  pipelineId: number,
  executionId: number | null,
): Promise<HeldWatermark> {
  const { rows } = await sql<HeldWatermark>`
    select ${heldBy(executionId)} from pipeline where id = ${pipelineId} for update`.execute(tx);
  if (!rows[0]) throw new Error(`There is no pipeline ${pipelineId}`);
  return rows[0];
}

/** The same for each of these executions, whose pipelines are held in the order of their ids. */
export async function holdWatermarks(
  tx: Db,
  executionIds: readonly number[],
): Promise<Map<number, HeldWatermark>> {
  const { rows } = await sql<HeldWatermark & { readonly id: number }>`
    select e.id, p.watermark as value, p.watermark_type as type,
      coalesce(p.watermark_set_at > case when e.trigger_kind = 'reported' then e.requested_at
        else e.start_date end, false) as "setSince"
    from pipeline_execution e join pipeline p on p.id = e.pipeline_id
    where e.id = any(${executionIds}::bigint[])
    order by p.id for no key update of p`.execute(tx);
  return new Map(rows.map(({ id, ...held }) => [id, held]));
}

/**
 * Moves the watermark to where an execution ended, if that is right (`judgeEnd`), in the transaction that
 * ends it. `held` comes from `holdWatermark`, or from an update of the pipeline's row in the same
 * transaction that returns `heldBy`. A move that was refused is on record too. Twice is harmless.
 */
export async function moveWatermark(
  tx: Db,
  held: HeldWatermark,
  move: WatermarkMove,
): Promise<'moves' | 'stays' | 'same'> {
  const { pipelineId, executionId, actor, kind, fullLoad } = move;
  const settings = fullLoad && held.setSince ? await listSettings(tx, move) : [];
  const type = move.type ?? held.type;
  const to = lowestWatermark([move.next, ...settings], type);
  const past = asksForPast(held, move) ? await listPast(tx, pipelineId) : [];
  const { end, reason } = judgeEnd({ ...held, past }, { ...move, next: to });
  // A full load is known to those that cross it also when it ends where the watermark is.
  if (end === 'same' && !fullLoad) return end;
  const change = { pipelineId, executionId, from: held.value, to, type, actor, reason };
  const moved = end !== 'stays';
  await record(tx, { ...change, kind: fullLoad ? 'full_load' : kind, moved });
  return end;
}

/** Where the watermark was set, or put by other full loads, since this execution began. */
async function listSettings(
  tx: Db,
  { pipelineId, executionId }: WatermarkMove,
): Promise<(string | null)[]> {
  const rows = await tx
    .selectFrom('watermark_change as c')
    .innerJoin('pipeline_execution as e', (join) => join.on('e.id', '=', executionId))
    .select('c.to_value')
    .where('c.pipeline_id', '=', pipelineId)
    .where('c.kind', 'in', ['set', 'full_load'])
    .whereRef('c.changed_at', '>', 'e.start_date')
    .execute();
  return rows.map(({ to_value }) => to_value);
}

/** Nobody holds a position that is older than so many changes. */
const MOST_PAST = 1_000;

/** Where the watermark has been. */
async function listPast(tx: Db, pipelineId: number): Promise<string[]> {
  const rows = await tx
    .selectFrom('watermark_change')
    .select('from_value')
    .where('pipeline_id', '=', pipelineId)
    .where('moved', '=', true)
    .orderBy('id', 'desc')
    .limit(MOST_PAST)
    .execute();
  return rows.flatMap(({ from_value }) => (from_value === null ? [] : [from_value]));
}

/**
 * Puts the watermark somewhere else, also back. Executions that are open then leave it where it is put.
 * False: it was there already, and nothing changed. A value that its type can't have is `watermark.invalid`.
 */
export async function setWatermark(tx: Db, setting: WatermarkSetting): Promise<boolean> {
  const { pipelineId, value, actor, reason } = setting;
  const held = await holdWatermark(tx, pipelineId, null);
  if (held.value === value) return false;
  refuseOtherTypes(value, held.type);
  const { value: from, type } = held;
  const change = { pipelineId, executionId: null, from, to: value, type, actor, reason };
  await record(tx, { ...change, kind: 'set', moved: true });
  return true;
}

export function refuseOtherTypes(value: string | null, type: WatermarkType | null): void {
  if (value === null || isWatermark(value, type)) return;
  throw new Fault('watermark.invalid', `The watermark is a ${type}: ${value} is not`);
}

interface Change {
  readonly pipelineId: number;
  readonly executionId: number | null;
  readonly kind: 'run' | 'full_load' | 'reported' | 'set';
  /** False: it was refused. */
  readonly moved: boolean;
  readonly from: string | null;
  readonly to: string | null;
  readonly type: WatermarkType | null;
  readonly actor: string;
  readonly reason: string;
}

/** Changes the watermark, if the change happens, and puts it on record: one statement. */
async function record(tx: Db, change: Change): Promise<void> {
  const { executionId, kind, moved, from, to, type, actor, reason } = change;
  await sql`
    with changed as (${moved ? update(change) : sql`select ${change.pipelineId}::int as id`})
    insert into watermark_change
      (pipeline_id, execution_id, kind, moved, from_value, to_value, type, actor, reason)
    select id, ${executionId}::bigint, ${kind}, ${moved}::boolean, ${from}, ${to}, ${type}, ${actor},
      ${reason}
    from changed
    on conflict do nothing`.execute(tx);
}

function update({ pipelineId, kind, from, to, type }: Change): RawBuilder<unknown> {
  const startsOver = kind === 'full_load' || kind === 'set';
  return sql`
    update pipeline set watermark = ${to}, watermark_type = ${type}
      ${startsOver ? sql`, watermark_set_at = clock_timestamp()` : sql``}
    where id = ${pipelineId} and watermark is not distinct from ${from} returning id`;
}
