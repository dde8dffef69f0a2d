import { driveBackfill } from '../db/backfills/drive-backfill.ts';
import { closeRun } from '../db/runs/close-run.ts';
import { takeSlots } from '../db/limits/take-slots.ts';
import { routeOf } from '../plan/route.ts';
import type { Activities, RunBlock } from '../workflows/activities.ts';
import { checkNow } from './check-deadlines.ts';
import { createCleanUp } from './clean-up.ts';
import { openRun } from './open-run.ts';
import { createRunBlock, type RunBlockDeps } from './run-block.ts';

export type ActivityDeps = RunBlockDeps;

/** How long the end of a run waits for the rows of its blocks, which come in behind the work. */
const FLUSH_MS = 5_000;

/** Everything that workflows ask for; `default` answers every block's name. */
export function createActivities(deps: ActivityDeps): Activities & { default: RunBlock } {
  return {
    default: createRunBlock(deps),
    openRun: (opening) => openRun(deps, opening),
    loadRoute: async (plan) => routeOf(await deps.plans.get(plan)),
    takeSlots: (request) => takeSlots(deps.db, request),
    async closeRun(closing) {
      await deps.mirror.flush(AbortSignal.timeout(FLUSH_MS));
      await closeRun(deps.db, closing);
    },
    cleanUp: createCleanUp(deps),
    checkDeadlines: () => checkNow(deps.db),
    driveBackfill: (report) => driveBackfill(deps.db, report),
  };
}
