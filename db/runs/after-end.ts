import { sql, type RawBuilder } from 'kysely';
import { SHORTEST_THRESHOLD_MS } from '../../metadata/threshold.ts';
import { BELATED_MS } from '../standings/watch.ts';

/**
 * Expressions beside a relation `done (id, pipeline_id, state, start_date, end_date)` of what has just ended:
 * they ask for checks of what succeeded, if its pipeline has a rule, and for a look at what may have been
 * late or failed, or may have ended a lateness. `WAKE_WATCH` has to be selected with them. Asked for again
 * while a check is under way, a run is checked once more.
 */
export function followUps(): RawBuilder<unknown> {
  return sql`
    checks as (
      insert into check_queue (execution_id)
      select d.id from done d
      where d.state = 'succeeded' and exists (
        select from anomaly_detection_rule where pipeline_id = d.pipeline_id and active)
      order by d.id
      on conflict (execution_id) do update set queued_at = excluded.queued_at
    ), looks as (
      insert into deadline_queue (execution_id)
      select d.id from done d
      where exists (
        select from pipeline_standing
        where pipeline_id = d.pipeline_id and until is null and state = 'late')
      or ${MAY_BE_LATE} and exists (
        select from pipeline p join pipeline_type t on t.id = p.pipeline_type_id
        where p.id = d.pipeline_id and coalesce(p.freshness_number, p.timeliness_number,
          t.freshness_number, t.timeliness_number) is not null)
      on conflict do nothing
      returning execution_id
    )`;
}

export const WAKE_WATCH = sql`
  (select wake_watch(clock_timestamp()) from (select from looks limit 1) l) as woken`;

const MAY_BE_LATE = sql`
  (d.state <> 'succeeded' or d.start_date is null
    or d.end_date - d.start_date > ${milliseconds(SHORTEST_THRESHOLD_MS)}
    or clock_timestamp() - d.end_date > ${milliseconds(BELATED_MS)})`;

function milliseconds(ms: number): RawBuilder<unknown> {
  return sql.lit(`${ms} milliseconds`);
}
