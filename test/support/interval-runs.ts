import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';

/** Of each interval that a backfill's runs are about: how many there are, and how many succeeded. */
export async function listIntervalRuns(
  db: Db,
  backfill: number,
): Promise<{ readonly start: Date; readonly runs: number; readonly succeeded: number }[]> {
  const { rows } = await sql<{ start: Date; runs: number; succeeded: number }>`
    select interval_start as start, count(*) as runs,
      count(*) filter (where state = 'succeeded') as succeeded
    from pipeline_execution where backfill_id = ${backfill}
    group by interval_start, interval_end order by interval_start`.execute(db);
  return rows;
}
