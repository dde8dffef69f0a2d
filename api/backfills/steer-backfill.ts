import { getBackfill, type BackfillRecord } from '../../db/backfills/backfills.ts';
import { recordBackfillChange, type BackfillAction } from '../../db/backfills/changes.ts';
import { holdBackfills } from '../../db/backfills/insert-backfill.ts';
import {
  cancelBackfill,
  holdFailed,
  pauseBackfill,
  resumeBackfill,
  retryFailed,
  setMaxParallel,
} from '../../db/backfills/steer-backfill.ts';
import type { Db } from '../../db/database.ts';
import { Fault } from '../../runtime/fault.ts';
import type { JsonObject } from '../../runtime/json.ts';
import type { ApiDeps } from '../deps.ts';
import { resolveFirst } from './plan-backfill.ts';
import { refuseOverlap } from './start-backfill.ts';

/** What people do with a backfill, and the words for it where it is impossible. */
const DEEDS = {
  paused: { act: pauseBackfill, impossible: 'only one that is running can be paused' },
  resumed: { act: resumeBackfill, impossible: 'only one that is paused can be resumed' },
  cancelled: { act: cancelBackfill, impossible: 'only one that has not ended can be cancelled' },
} as const;

/** Fails with `backfill.not_found`, or with `backfill.refused` in a state in which that is impossible. */
export async function steerBackfill(
  { db }: ApiDeps,
  id: number,
  deed: keyof typeof DEEDS,
  actor: string,
): Promise<void> {
  const backfill = await getBackfill(db, id);
  const { act, impossible } = DEEDS[deed];
  await db.transaction().execute(async (tx) => {
    if (!(await act(tx, id))) throw await refusal(tx, id, impossible);
    await record(tx, backfill, deed, actor);
  });
}

export async function changeMaxParallel(
  { db }: ApiDeps,
  id: number,
  maxParallel: number,
  actor: string,
): Promise<void> {
  const backfill = await getBackfill(db, id);
  await db.transaction().execute(async (tx) => {
    if (!(await setMaxParallel(tx, id, maxParallel))) {
      throw await refusal(tx, id, 'only one that has not ended can be changed');
    }
    const details = { max_parallel: { from: backfill.maxParallel, to: maxParallel } };
    await record(tx, backfill, 'changed', actor, details);
  });
}

/** Runs what failed again, with the pipeline's current plan. */
export async function retryBackfill(
  { db, catalog }: ApiDeps,
  id: number,
  actor: string,
): Promise<void> {
  const { pipeline, params } = await getBackfill(db, id);
  const { pipelineId, plan } = await catalog.getCurrent(pipeline);
  await db.transaction().execute(async (tx) => {
    await holdBackfills(tx, pipelineId);
    const failed = await holdFailed(tx, id);
    const backfill = await getBackfill(tx, id);
    if (backfill.state === 'cancelled' || backfill.state === 'cancelling') {
      throw await refusal(tx, id, 'begin another one, with only: missing');
    }
    if (failed.length === 0) throw await refusal(tx, id, 'nothing of it has failed');
    if (backfill.endedAt !== null) await refuseOverlap(tx, pipelineId, failed);
    resolveFirst(plan, params, failed);
    await retryFailed(tx, id, plan.hash);
    const details = { intervals: failed.length, plan: plan.hash };
    await record(tx, backfill, 'retried', actor, details);
  });
}

async function refusal(tx: Db, id: number, why: string): Promise<Fault> {
  const { state } = await getBackfill(tx, id);
  return new Fault('backfill.refused', `Backfill ${id} is ${state}: ${why}`);
}

async function record(
  tx: Db,
  { id, pipeline }: BackfillRecord,
  action: BackfillAction,
  actor: string,
  details: JsonObject = {},
): Promise<void> {
  await recordBackfillChange(tx, { backfill: id, pipeline, action, actor, details });
}
