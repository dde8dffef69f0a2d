import { sql } from 'kysely';
import { isWorse, type Severity } from '../../metadata/notice.ts';
import {
  pendingTasks,
  queueAlert,
  type PendingTasks,
  type QueueAlert,
} from '../../metadata/pending-tasks.ts';
import { asLeader } from '../as-leader.ts';
import type { Db } from '../database.ts';
import { LOCKS } from '../locks.ts';
import { raiseNotice } from '../notices/notices.ts';
import { readQueues } from './queues.ts';

const SUBJECT = 'queue';

/** Counts what waits, and raises a notice when that is too much, or its recovery. */
export async function checkQueues(db: Db): Promise<PendingTasks> {
  const pending = pendingTasks(await readQueues(db));
  await raise(db, queueAlert(pending));
  return pending;
}

/**
 * The same as one of several processes that do so: what was raised less than `everyMs` ago is raised again only
 * when it has become more severe. True: too much waits.
 */
export async function watchQueues(db: Db, everyMs: number): Promise<boolean> {
  const tooMuch = await asLeader(db, LOCKS.queues, async () => {
    const alert = queueAlert(pendingTasks(await readQueues(db)));
    const last = await findRaised(db);
    const isNews = !last || last.ageMs >= everyMs || isWorse(alert.severity, last.severity);
    if (alert.recovered || isNews) await raise(db, alert);
    return !alert.recovered;
  });
  return tooMuch ?? false;
}

function raise(db: Db, alert: QueueAlert): Promise<void> {
  const about = { kind: 'queue', pipelineId: null, executionId: null, subject: SUBJECT } as const;
  return raiseNotice(db, { ...about, ...alert });
}

interface Raised {
  readonly severity: Severity;
  readonly ageMs: number;
}

/** What was raised last and is not over, whether or not it has been routed since. */
async function findRaised(db: Db): Promise<Raised | undefined> {
  const { rows } = await sql<Raised & { recovered: boolean }>`
    select severity, recovered,
      (extract(epoch from clock_timestamp() - raised_at) * 1000)::float8 as "ageMs"
    from (
      select severity, recovered, raised_at from raised_notice where subject = ${SUBJECT}
      union all
      select severity, false, last_raised_at from notice
      where subject = ${SUBJECT} and recovered_at is null
    ) raised
    order by raised_at desc limit 1`.execute(db);
  const [last] = rows;
  return last?.recovered === false ? last : undefined;
}
