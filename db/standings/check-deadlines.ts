import { sql } from 'kysely';
import { earliest } from '../../metadata/standing.ts';
import { checkFreshness } from './check-freshness.ts';
import { checkLateRuns, endLateRuns } from './check-late-runs.ts';
import { checkTimeliness, withPromises } from './check-timeliness.ts';
import type { Db } from '../database.ts';
import { closeForgotten } from '../notices/close-notices.ts';
import { listExpectedStarts, type ExpectedStartSource } from './expected-starts.ts';
import { listLongSince, takeEnded } from '../runs/late-runs.ts';
import { listRecentRuns } from '../runs/recent-runs.ts';
import { listWatched } from '../pipelines/watched-pipelines.ts';
import { LOCKS } from '../locks.ts';

export interface DeadlineCheck {
  /** Who promises starts; everybody who does when left out. */
  readonly expectedStarts?: readonly ExpectedStartSource[];
  /** Looks again at long runs that began after this moment, whatever was promised of them then. */
  readonly lookBackTo?: Date;
}

/**
 * Looks at every pipeline: whether its data are new, its runs ended in time and its promised starts
 * came. What is found is logged and told once, however often it is looked for. Answers the next moment
 * at which something may turn late; null: nothing is due.
 */
export async function checkDeadlines(
  db: Db,
  { expectedStarts, lookBackTo }: DeadlineCheck = {},
): Promise<Date | null> {
  return db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${LOCKS.deadlines})`.execute(tx);
    const now = await readClock(tx);
    const { ended, isRest } = await takeEnded(tx);
    if (lookBackTo) ended.push(...(await listLongSince(tx, lookBackTo)));
    await closeForgotten(tx);
    const pipelines = await listWatched(tx);

    const expected = await listExpectedStarts(tx, now, expectedStarts);
    const recent = await listRecentRuns(tx, withPromises(pipelines, expected));
    const deadlines = [
      ...(isRest ? [now] : []),
      ...(await checkFreshness(tx, pipelines, now)),
      ...(await checkLateRuns(tx, pipelines, ended, now)),
      ...(await checkTimeliness(tx, pipelines, { recent, expected }, now)),
    ];
    await endLateRuns(tx, pipelines, recent);
    return earliest(deadlines);
  });
}

async function readClock(tx: Db): Promise<Date> {
  const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(tx);
  return rows[0]?.now ?? new Date();
}
