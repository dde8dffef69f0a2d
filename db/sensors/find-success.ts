import { sql } from 'kysely';
import type { Db } from '../database.ts';

/** What a run stands for, in ISO 8601. */
export interface StandsFor {
  readonly scheduledAt: string | null;
  readonly intervalStart: string | null;
  readonly intervalEnd: string | null;
}

/**
 * The newest successful run of a pipeline that has a part in this: of those that cover the interval
 * together, or of those that stand for the same time. Undefined: it is not done yet.
 */
export async function findCovering(
  db: Db,
  pipeline: string,
  { scheduledAt, intervalStart, intervalEnd }: StandsFor,
): Promise<number | undefined> {
  const { rows } = await sql<{ id: number | null }>`
    select max(e.id) as id
    from pipeline_execution e join pipeline p on p.id = e.pipeline_id
    where p.name = ${pipeline} and e.state = 'succeeded' and case
      when ${intervalStart}::timestamptz is not null
        then tstzrange(e.interval_start, e.interval_end) && tstzrange(${intervalStart}, ${intervalEnd})
          and e.interval_start is not null
      else e.scheduled_at = ${scheduledAt}::timestamptz end
    having ${intervalStart}::timestamptz is null
      or range_agg(tstzrange(e.interval_start, e.interval_end)) @> tstzrange(${intervalStart}, ${intervalEnd})`.execute(
    db,
  );
  return rows[0]?.id ?? undefined;
}

/** The last successful run of a pipeline and how long ago it ended, in milliseconds. */
export async function findLastSuccess(
  db: Db,
  pipeline: string,
): Promise<{ readonly id: number; readonly ageMs: number } | undefined> {
  const { rows } = await sql<{ id: number; ageMs: number }>`
    select e.id, (extract(epoch from clock_timestamp() - e.end_date) * 1000)::float8 as "ageMs"
    from pipeline_execution e join pipeline p on p.id = e.pipeline_id
    where p.name = ${pipeline} and e.state = 'succeeded' and e.end_date is not null
    order by e.end_date desc limit 1`.execute(db);
  return rows[0];
}
