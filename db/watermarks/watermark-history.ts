import { sql } from 'kysely';
import type { LoadedWindow } from '../../metadata/loaded-windows.ts';
import type { WatermarkType } from '../../metadata/watermark-order.ts';
import type { Db } from '../database.ts';

/** A pipeline's watermark, and the executions that are open and have read it. */
export interface WatermarkRecord {
  readonly pipelineId: number;
  readonly value: string | null;
  readonly type: WatermarkType | null;
  readonly next: string | null;
  readonly openRuns: readonly number[];
}

/** A change that happened, or that was refused. */
export interface WatermarkChange {
  readonly id: number;
  readonly changed_at: Date;
  readonly moved: boolean;
  readonly kind: 'run' | 'full_load' | 'reported' | 'set';
  readonly from_value: string | null;
  readonly to_value: string | null;
  readonly type: WatermarkType | null;
  readonly actor: string;
  readonly reason: string;
  readonly execution_id: number | null;
}

/** Undefined: the database knows no such pipeline. */
export async function findWatermark(db: Db, name: string): Promise<WatermarkRecord | undefined> {
  const row = await db
    .selectFrom('pipeline')
    .select(['id', 'watermark', 'watermark_type', 'next_watermark'])
    .where('name', '=', name)
    .executeTakeFirst();
  if (!row) return undefined;
  const open = await db
    .selectFrom('pipeline_execution')
    .select('id')
    .where('pipeline_id', '=', row.id)
    .where('state', '=', 'running')
    .orderBy('id')
    .execute();
  return {
    pipelineId: row.id,
    value: row.watermark,
    type: row.watermark_type as WatermarkType | null,
    next: row.next_watermark,
    openRuns: open.map(({ id }) => id),
  };
}

/** The newest first. */
export async function listWatermarkChanges(
  db: Db,
  pipelineId: number,
  { before, limit }: { readonly before: number | undefined; readonly limit: number },
): Promise<WatermarkChange[]> {
  const rows = await db
    .selectFrom('watermark_change')
    .select(['id', 'changed_at', 'moved', 'kind', 'from_value', 'to_value', 'type', 'actor'])
    .select(['reason', 'execution_id'])
    .where('pipeline_id', '=', pipelineId)
    .$if(before !== undefined, (query) => query.where('id', '<', before ?? 0))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows as WatermarkChange[];
}

/** Why the watermark did not go where this run of ours has come; undefined: it did, or had nowhere to go. */
export async function findRefusal(db: Db, executionId: number): Promise<string | undefined> {
  const row = await db
    .selectFrom('watermark_change')
    .select('reason')
    .where('execution_id', '=', executionId)
    .where('moved', '=', sql<false>`false`)
    .executeTakeFirst();
  return row?.reason;
}

/** Enough for years of a busy pipeline. */
const WINDOWS = 100_000;

/**
 * What a pipeline's successful executions have loaded, the newest first. What a reported one left to its pipeline is
 * what that had when it began.
 */
export async function listLoadedWindows(db: Db, pipelineId: number): Promise<LoadedWindow[]> {
  const { rows } = await sql<LoadedWindow>`
    select id as run, own."from", own."to", total_rows as rows
    from pipeline_execution
    cross join lateral (
      select coalesce(watermark, pipeline_watermark) as "from",
        coalesce(next_watermark, pipeline_next_watermark) as "to"
    ) own
    where pipeline_id = ${pipelineId} and state = 'succeeded'
      and own."to" is not null and own."from" is distinct from own."to"
    order by id desc limit ${WINDOWS}`.execute(db);
  return rows;
}
