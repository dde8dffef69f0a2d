import { sql, type RawBuilder } from 'kysely';
import { postgresJson } from '../../runtime/json.ts';
import type { CloseRun } from '../../workflows/activities.ts';
import { LOST_ERROR } from './block-runs.ts';

/**
 * Expressions beside a relation `done` that holds the run if this closes it: they give each block's last attempt
 * the state in which the block ended. A row that never came in is made up for, and a block that ended between two
 * attempts gets one more, which never began. An earlier attempt that is still open, or of which there is no row,
 * was lost with its worker; so was the answer of one that had succeeded, or no other would have followed.
 */
export function blockEnds({ executionId, state, blocks }: CloseRun): RawBuilder<unknown> {
  return sql`
    closed as (
      select * from jsonb_to_recordset(${postgresJson(blocks)}::jsonb)
        as c(name text, state text, attempt int, rows bigint, error jsonb)
      where exists (select from done)
    ), latest as (
      select distinct on (block) block, attempt, state from block_run
      where execution_id = ${executionId} and exists (select from done)
      order by block, attempt desc
    ), ends as (
      select coalesce(c.name, l.block) as block, coalesce(c.state, ${state}::text) as state,
        c.name is not null as told, c.rows, c.error, l.attempt as known,
        case
          when l.block is null then coalesce(c.attempt, 0)
          when c.attempt is not null then greatest(c.attempt, l.attempt)
          when c.name is null or l.state in ('running', 'cancelled', c.state) then l.attempt
          else l.attempt + 1
        end as last
      from closed c full join latest l on l.block = c.name
    ), ended as (
      update block_run b
      set state = case when b.attempt = e.last then e.state else 'failed' end,
          rows = coalesce(b.rows, case when b.attempt = e.last then e.rows end),
          error = coalesce(b.error, case when b.attempt = e.last then e.error else ${LOST_ERROR}::jsonb end),
          finished_at = coalesce(b.finished_at, clock_timestamp())
      from ends e
      where b.execution_id = ${executionId} and b.block = e.block
        and (b.state = 'running' or b.state = 'cancelled' and b.attempt = e.last and e.told
          or b.state = 'succeeded' and b.attempt < e.last)
    ), made_up as (
      insert into block_run (execution_id, block, attempt, state, rows, error, finished_at)
      select ${executionId}::bigint, block, attempt,
        case when attempt = last then state else 'failed' end,
        case when attempt = last then rows end,
        case when attempt = last then error else ${LOST_ERROR}::jsonb end,
        case when attempt > 0 then clock_timestamp() end
      from ends, generate_series(coalesce(known + 1, least(last, 1)), last) as attempt
      on conflict do nothing
    )`;
}
