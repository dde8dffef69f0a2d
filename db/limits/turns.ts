import { sql } from 'kysely';
import type { Db } from '../database.ts';
import { poolLine } from './pool-line.ts';

/** Somebody who waits, and for whom there is room now. */
export interface Turn {
  readonly workflowId: string;
  /** The run itself waits when left out. */
  readonly block: string | null;
}

/** Whose turn has come: of runs that wait for a limit, and of blocks that wait for slots of a pool. */
export async function listTurns(db: Db): Promise<Turn[]> {
  const { rows } = await sql<Turn>`
    with open as (
      select pipeline_id, limit_key, limit_runs, workflow_id, state = 'running' as runs,
        row_number() over (partition by pipeline_id, limit_key, state order by priority, id) as place
      from pipeline_execution
      where limit_key is not null and state in ('queued', 'running')
        and (state = 'running' or temporal_run_id is not null)
    ), running as (
      select pipeline_id, limit_key, count(*) as count from open where runs group by 1, 2
    ), ${poolLine(sql`true`)}
    select workflow_id as "workflowId", null as block
    from open left join running r using (pipeline_id, limit_key)
    where not runs and place + coalesce(r.count, 0) <= limit_runs
    union all
    select e.workflow_id, s.block
    from standing s join pipeline_execution e on e.id = s.execution_id
    where not s.holds and s.held + s.upto <= s.total`.execute(db);
  return rows;
}
