import { sql } from 'kysely';
import { SETTLED } from './sums.ts';
import type { Db } from '../database.ts';

/** What the sums of days say nothing of, or something that is no longer so. */
export interface LiveDays {
  readonly days: readonly string[];
  /** On other days. */
  readonly pairs: readonly { readonly date: string; readonly pipeline_id: number }[];
  /** Whether some of it could be summed up by now. */
  readonly behind: boolean;
}

/** Of today and so many days before it. */
export async function findLive(tx: Db, days: number): Promise<LiveDays> {
  const { rows } = await sql<{ date: string; pipeline_id: number | null; over: boolean }>`
    with span as (
      select (now() at time zone 'utc')::date - n as date from generate_series(0, ${days}::int) n
    )
    select distinct s.date::text, c.pipeline_id, true as over
    from pipeline_daily_change c join span s using (date)
    union all
    select date::text, null, date < ${SETTLED} from span
    where not exists (select from summed_day d where d.date = span.date)`.execute(tx);
  const whole = rows.flatMap(({ date, pipeline_id }) => (pipeline_id === null ? date : []));
  return {
    days: [...new Set(whole)],
    pairs: rows.flatMap(({ date, pipeline_id }) =>
      pipeline_id === null || whole.includes(date) ? [] : { date, pipeline_id },
    ),
    behind: rows.some(({ over }) => over),
  };
}
