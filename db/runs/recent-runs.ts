import { sql, type RawBuilder } from 'kysely';
import type { RecentRuns } from '../../metadata/timeliness.ts';
import type { Db } from '../database.ts';

/** How far back a pipeline's newest success is looked for, in runs. */
const LOOK_BACK = 200;

type Role = keyof RecentRuns;

interface Row {
  readonly pipeline_id: number;
  readonly role: Role;
  readonly id: number;
  readonly start_date: Date;
  readonly end_date: Date | null;
}

const NONE: RecentRuns = { success: null, failure: null, running: null };

/**
 * By pipeline: its newest success, and the first failed and the first open run after it. Mostly the newest run
 * is that success; only where it is not, others are looked at.
 */
export async function listRecentRuns(
  db: Db,
  pipelines: readonly { readonly id: number }[],
): Promise<(pipelineId: number) => RecentRuns> {
  const ids = pipelines.map(({ id }) => id);
  const { rows } = await sql<Row>`
    with last as materialized (
      select w.id as pipeline_id, n.*
      from unnest(${ids}::int[]) as w(id)
      cross join lateral (
        select id, state, start_date, end_date from pipeline_execution
        where pipeline_id = w.id order by id desc limit 1
      ) as n
    )
    select pipeline_id, 'success' as role, id, start_date, end_date from last
    where state = 'succeeded' and start_date is not null
    union all
    select w.pipeline_id, r.*
    from last w
    left join lateral (
      select n.id from (
        select id, state from pipeline_execution
        where pipeline_id = w.pipeline_id order by id desc limit ${LOOK_BACK}
      ) n
      where n.state = 'succeeded' order by n.id desc limit 1
    ) as newest on true
    cross join lateral (
      select distinct on (role) role, n.id, n.start_date, n.end_date
      from (
        select id, start_date, end_date, case state
          when 'succeeded' then 'success'
          when 'running' then 'running'
          when 'failed' then 'failure'
          when 'timed_out' then 'failure'
          when 'terminated' then 'failure'
          end as role
        from pipeline_execution
        where pipeline_id = w.pipeline_id and id >= coalesce(newest.id, 0)
        order by id desc limit ${LOOK_BACK}
      ) n
      where role is not null and start_date is not null
      order by role, start_date
    ) as r
    where w.state <> 'succeeded'`.execute(db);
  const found = new Map<number, RecentRuns>();
  for (const row of rows) {
    found.set(row.pipeline_id, withRun(found.get(row.pipeline_id) ?? NONE, row));
  }
  return (id) => found.get(id) ?? NONE;
}

function withRun(runs: RecentRuns, { role, id, start_date: start, end_date }: Row): RecentRuns {
  return { ...runs, [role]: { id, start, ...(role === 'success' && { end: end_date ?? start }) } };
}

/** One row at most: when the newest run of a pipeline `began`, or was asked for. */
export function newestStart(pipeline: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`select greatest(start_date, requested_at) as began from pipeline_execution
    where pipeline_id = ${pipeline} order by id desc limit 1`;
}

/** The same for several pipelines, by their ids. */
export async function listNewestStarts(
  db: Db,
  pipelineIds: readonly number[],
): Promise<Map<number, Date>> {
  if (pipelineIds.length === 0) return new Map();
  const { rows } = await sql<{ pipeline_id: number; began: Date }>`
    select w.id as pipeline_id, n.began
    from unnest(${pipelineIds}::int[]) as w(id)
    cross join lateral (${newestStart(sql.ref('w.id'))}) as n`.execute(db);
  return new Map(rows.map(({ pipeline_id, began }) => [pipeline_id, began]));
}
