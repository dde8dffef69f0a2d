import { sql } from 'kysely';
import { pendingTasks, queueAlert, type PendingTasks } from '../../metadata/pending-tasks.ts';
import { asLeader } from '../as-leader.ts';
import type { Db } from '../database.ts';
import { LOCKS } from '../locks.ts';
import { raiseNotice } from '../notices/notices.ts';
import { readQueues } from './queues.ts';

const SUBJECT = 'queue';

/** Counts what waits, and raises a notice when that is too much, or its recovery. */
export async function checkQueues(db: Db): Promise<PendingTasks> {
  const pending = pendingTasks(await readQueues(db));
  const about = { kind: 'queue', pipelineId: null, executionId: null, subject: SUBJECT } as const;
  await raiseNotice(db, { ...about, ...queueAlert(pending) });
  return pending;
}

/** The same as one of several processes that do so every `everyMs`: what was raised within that time is not raised again. */
export async function watchQueues(db: Db, everyMs: number): Promise<void> {
  await asLeader(db, LOCKS.queues, async () => {
    if (!(await wasRaisedWithin(db, everyMs))) await checkQueues(db);
  });
}

/** Whether or not it has been routed since. */
async function wasRaisedWithin(db: Db, ms: number): Promise<boolean> {
  const since = sql`clock_timestamp() - ${ms} * interval '1 ms'`;
  const { rows } = await sql<{ raised: boolean }>`
    select exists (
        select from raised_notice
        where subject = ${SUBJECT} and not recovered and raised_at > ${since}
      ) or exists (
        select from notice
        where subject = ${SUBJECT} and recovered_at is null and last_raised_at > ${since}
      ) as raised`.execute(db);
  return rows[0]?.raised === true;
}
