import { pendingTasks, queueAlert, type PendingTasks } from '../../metadata/pending-tasks.ts';
import type { Db } from '../database.ts';
import { raiseNotice } from '../notices/notices.ts';
import { readQueues } from './queues.ts';

/** Counts what waits, and raises a notice when that is too much, or its recovery. */
export async function checkQueues(db: Db): Promise<PendingTasks> {
  const pending = pendingTasks(await readQueues(db));
  const about = { kind: 'queue', pipelineId: null, executionId: null, subject: 'queue' } as const;
  await raiseNotice(db, { ...about, ...queueAlert(pending) });
  return pending;
}
