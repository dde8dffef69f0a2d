import { Context } from '@temporalio/activity';
import type { ArtifactStore } from '../artifacts/store.ts';
import { removeFiles } from '../db/maintenance/artifact-removals.ts';
import { startPace } from '../db/maintenance/batches.ts';
import { cleanUp, countOld } from '../db/maintenance/clean-up.ts';
import { endCleanUp, openCleanUp, saveProgress } from '../db/maintenance/clean-ups.ts';
import { listCutoffs } from '../db/maintenance/cutoffs.ts';
import { listEndedRuns } from '../db/maintenance/ended-runs.ts';
import { sumDays } from '../db/daily-report/sums.ts';
import type { Db } from '../db/database.ts';
import type { Removed } from '../db/maintenance/removed.ts';
import { messageOf } from '../runtime/fault.ts';
import type { Activities, CleanUpOrder } from '../workflows/activities.ts';

const HEARTBEAT_MS = 5_000;

export interface CleanUpDeps {
  readonly db: Db;
  readonly store: ArtifactStore;
}

/** Cleans up as long as it takes, keeps its row up to date, and heeds a cancellation between two batches. */
export function createCleanUp(deps: CleanUpDeps): Activities['cleanUp'] {
  return async (order) => {
    const context = Context.current();
    const { info, cancellationSignal: signal } = context;
    const workflowId = info.workflowExecution?.workflowId ?? info.activityId;
    const { id, removed } = await openCleanUp(deps.db, workflowId, order.dryRun);
    const beat = setInterval(() => {
      context.heartbeat();
      if (!order.dryRun) void saveProgress(deps.db, id, removed).catch(() => undefined);
    }, HEARTBEAT_MS);
    try {
      const counts = await work(deps, order, removed, signal);
      await endCleanUp(deps.db, id, { removed: counts });
      return { ...counts };
    } catch (error) {
      await endCleanUp(deps.db, id, { removed, error: messageOf(error) });
      throw error;
    } finally {
      clearInterval(beat);
    }
  };
}

async function work(
  { db, store }: CleanUpDeps,
  { dryRun, defaults }: CleanUpOrder,
  removed: Removed,
  signal: AbortSignal,
): Promise<Removed> {
  const cutoffs = await listCutoffs(db, defaults);
  if (dryRun) return countOld(db, cutoffs);
  await cleanUp(db, cutoffs, startPace({ signal }), removed);
  await removeFiles(
    db,
    ({ execution_id, uri }) =>
      uri === null ? store.removeRun(execution_id) : store.remove({ uri }),
    signal,
  );
  await removeStrays({ db, store }, signal);
  await sumDays(db, signal);
  return removed;
}

/** An attempt whose worker was killed leaves its files to the next one; the last one of a run that failed, to us. */
async function removeStrays({ db, store }: CleanUpDeps, signal: AbortSignal): Promise<void> {
  for await (const runs of listEndedRuns(db)) {
    signal.throwIfAborted();
    for (const { id, artifacts } of runs) {
      await store.removeStrays(
        id,
        artifacts.map((uri) => ({ uri })),
      );
    }
  }
}
