import { Router, type Response } from 'express';
import { isAway } from '../../../db/away.ts';
import { startPace } from '../../../db/maintenance/batches.ts';
import { cleanUp } from '../../../db/maintenance/clean-up.ts';
import { cutoffForAll } from '../../../db/maintenance/cutoffs.ts';
import type { Db } from '../../../db/database.ts';
import { checkQueues } from '../../../db/diagnostics/queue-alert.ts';
import { breakdownOf } from '../../../metadata/pending-tasks.ts';
import { Fault } from '../../../runtime/fault.ts';
import type { ApiDeps } from '../../deps.ts';
import { only } from '../../http/method.ts';
import { untilGone } from '../../http/until-gone.ts';
import { LogCleanupPost, type LogCleanup, type QueueReport } from '../contract/maintenance.ts';
import { readBody } from '../read.ts';

const DAY_MS = 86_400_000;
/** Before this there were no computers. */
const MOST_DAYS = 100_000;

export function maintenanceRoutes(deps: ApiDeps): Router {
  const router = Router();
  router
    .route('/log_cleanup')
    .post(async (request, response: Response<LogCleanup>) => {
      const { retention_days, batch_size } = await readBody(LogCleanupPost, request);
      const signal = untilGone(response, deps.stopping);
      response.json(await removeLogs(deps, retention_days, { most: batch_size, signal }));
      deps.maintenance.sumUpLater();
    })
    .all(only('POST'));
  router
    .route('/celery/monitor-queue')
    .post(async (_request, response: Response<QueueReport>) => {
      response.json(await monitorQueue(deps.db));
    })
    .all(only('POST'));
  return router;
}

/** Everything up to the first moment of that day, in UTC. Whoever hangs up ends it after the next batch. */
async function removeLogs(
  { db }: ApiDeps,
  days: number,
  { most, signal }: { readonly most: number; readonly signal: AbortSignal },
): Promise<LogCleanup> {
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const cutoff = new Date(today - Math.min(days, MOST_DAYS) * DAY_MS);
  const work = cleanUp(db, await cutoffForAll(db, cutoff), startPace({ most, signal }));
  const removed = await work.catch((error: unknown) => {
    if (!signal.aborted) throw error;
    throw new Fault('database.unavailable', 'The API ends; ask again to go on', { cause: error });
  });
  return {
    total_pipeline_executions_deleted: removed.runs,
    total_timeliness_pipeline_execution_logs_deleted: removed.timeliness_logs,
    total_anomaly_detection_results_deleted: removed.anomaly_results,
    total_pipeline_execution_closure_parent_deleted: removed.closure_parents,
    total_pipeline_execution_closure_child_deleted: removed.closure_children,
    total_freshness_pipeline_logs_deleted: removed.freshness_logs,
  };
}

/** Watcher says `error` and nothing else when it can't reach its queues. */
async function monitorQueue(db: Db): Promise<QueueReport> {
  try {
    const pending = await checkQueues(db);
    return {
      status: 'success',
      total_pending: pending.total,
      regular_queue_pending: pending.regular,
      scheduled_queue_pending: pending.scheduled,
      beat_scheduled_tasks: pending.beat,
      task_breakdown: breakdownOf(pending),
      task_breakdown_raw: { ...pending.byTask },
    };
  } catch (error) {
    if (!isAway(error)) throw error;
    return { status: 'error' };
  }
}
