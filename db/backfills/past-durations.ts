import { sql } from 'kysely';
import type { Db } from '../database.ts';

/** How many of a pipeline's newest successful runs tell how long the next ones take. */
const RUNS = 20;
/** Among how many of its newest runs they are looked for. */
const LOOK_BACK = 500;

export interface PastDurations {
  /** Of how many runs; 0: nobody can tell. */
  readonly runs: number;
  readonly medianMs: number | null;
}

/** The median duration of a pipeline's last successful runs. */
export async function findPastDurations(db: Db, pipelineId: number): Promise<PastDurations> {
  const { rows } = await sql<PastDurations>`
    select count(*) as runs,
      percentile_cont(0.5) within group (order by extract(epoch from end_date - start_date) * 1000)
        as "medianMs"
    from (
      select start_date, end_date from (
        select id, state, start_date, end_date from pipeline_execution
        where pipeline_id = ${pipelineId} order by id desc limit ${LOOK_BACK}
      ) newest
      where state = 'succeeded' and end_date > start_date order by id desc limit ${RUNS}
    ) last`.execute(db);
  return rows[0] ?? { runs: 0, medianMs: null };
}
