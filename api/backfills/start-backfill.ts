import { randomBytes } from 'node:crypto';
import { findOverlap } from '../../db/backfills/choose-intervals.ts';
import { recordBackfillChange } from '../../db/backfills/changes.ts';
import { holdBackfills, insertBackfill } from '../../db/backfills/insert-backfill.ts';
import type { Db } from '../../db/database.ts';
import { Fault } from '../../runtime/fault.ts';
import type { Interval } from '../../triggers/intervals.ts';
import type { PlannedBackfill } from './plan-backfill.ts';

/** Commits a backfill. Fails with `backfill.empty` or `backfill.overlaps`; then nothing has changed. */
export async function commitBackfill(
  db: Db,
  { leftOut, trigger: _trigger, firstParams: _first, ...planned }: PlannedBackfill,
  actor: string,
): Promise<number> {
  const { pipelineId, pipeline, intervals } = planned;
  if (intervals.length === 0) throw empty(leftOut, planned.only);
  const salt = randomBytes(3).toString('hex');
  return db.transaction().execute(async (tx) => {
    await holdBackfills(tx, pipelineId);
    await refuseOverlap(tx, pipelineId, intervals);
    const id = await insertBackfill(tx, { ...planned, actor, salt });
    const details = { intervals: intervals.length, max_parallel: planned.maxParallel };
    await recordBackfillChange(tx, { backfill: id, pipeline, action: 'started', actor, details });
    return id;
  });
}

/** Fails with `backfill.overlaps` when another unfinished backfill has a part of one of these intervals. */
export async function refuseOverlap(
  tx: Db,
  pipelineId: number,
  intervals: readonly Interval[],
): Promise<void> {
  const other = await findOverlap(tx, pipelineId, intervals);
  if (!other) return;
  const message =
    `Backfill ${other.id} is ${other.state} and has ${other.start.toISOString()} too: ` +
    'wait for its end, or cancel it';
  throw new Fault('backfill.overlaps', message);
}

function empty(leftOut: number, only: 'missing' | 'failed' | null): Fault {
  const why =
    only === 'missing'
      ? `each of the ${leftOut} intervals has a run that succeeded`
      : `of none of the ${leftOut} intervals has the newest run failed`;
  return new Fault('backfill.empty', `There is nothing to run: ${why}`);
}
