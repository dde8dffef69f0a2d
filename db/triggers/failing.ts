import { sql } from 'kysely';
import type { Db } from '../database.ts';

/** A trigger whose newest runs have all failed. */
export interface FailingTrigger {
  readonly id: number;
  readonly pipelineId: number;
  readonly pipeline: string;
  readonly name: string;
  readonly failures: number;
  readonly lastRun: number;
}

/**
 * Schedules whose last runs failed as often, one after the other, as their `pause_after_failures` says. Runs
 * that were cancelled, terminated or skipped say nothing; neither do those from before it was resumed.
 */
export async function listFailing(db: Db): Promise<FailingTrigger[]> {
  const { rows } = await sql<FailingTrigger>`
    select t.id, t.pipeline_id as "pipelineId", p.name as pipeline, t.name, limits.most as failures,
      last.run as "lastRun"
    from trigger t
    join pipeline p on p.id = t.pipeline_id
    cross join lateral (
      select (t.definition -> 'schedule' ->> 'pauseAfterFailures')::int as most
    ) limits
    cross join lateral (
      select count(*) filter (where state <> 'succeeded') as failed, max(id) as run
      from (
        select id, state from pipeline_execution e
        where e.trigger_id = t.id and e.state in ('succeeded', 'failed', 'timed_out')
          and e.end_date > t.failures_from
        order by id desc limit limits.most
      ) newest
    ) last
    where t.kind = 'schedule' and not t.paused and t.removed_at is null and limits.most is not null
      and last.failed = limits.most`.execute(db);
  return rows;
}
