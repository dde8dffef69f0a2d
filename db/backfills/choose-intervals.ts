import { sql } from 'kysely';
import { postgresJson } from '../../runtime/json.ts';
import type { Interval } from '../../triggers/intervals.ts';
import type { Db } from '../database.ts';

/** `missing`: without a run that succeeded. `failed`: whose newest run failed. */
export type OnlyThose = 'missing' | 'failed';

/** Of a run `e`: it was cancelled because a newer one came, by its pipeline's limit. */
export const GAVE_WAY = sql<boolean>`(e.state = 'cancelled' and e.reason->>'code' = 'superseded')`;

/** Those of these intervals, by what the pipeline's runs for exactly them have come to. */
export async function chooseIntervals(
  db: Db,
  pipelineId: number,
  intervals: readonly Interval[],
  only: OnlyThose,
): Promise<Interval[]> {
  const runs = sql`
    from pipeline_execution e where e.pipeline_id = ${pipelineId}
      and e.interval_start = i.start and e.interval_end = i.end`;
  const wanted =
    only === 'missing'
      ? sql`not exists (select ${runs} and e.state = 'succeeded')`
      : sql`(select e.state in ('failed', 'timed_out', 'terminated') or ${GAVE_WAY}
          ${runs} order by e.id desc limit 1)`;
  const { rows } = await sql<Interval>`
    select i.start, i.end from ${asTable(intervals)} where ${wanted} order by i.start`.execute(db);
  return rows;
}

/** An unfinished backfill of the same pipeline that has one of these intervals, or a part of it. */
export async function findOverlap(
  db: Db,
  pipelineId: number,
  intervals: readonly Interval[],
): Promise<{ readonly id: number; readonly state: string; readonly start: Date } | undefined> {
  const { rows } = await sql<{ id: number; state: string; start: Date }>`
    with mine as (select range_agg(tstzrange(i.start, i.end)) as times from ${asTable(intervals)}),
    other as (
      select b.id, b.state, range_agg(tstzrange(o.interval_start, o.interval_end)) as times
      from backfill b join backfill_interval o on o.backfill_id = b.id
      where b.pipeline_id = ${pipelineId} and b.ended_at is null group by b.id
    )
    select o.id, o.state, lower(o.times * m.times) as start
    from other o, mine m where o.times && m.times order by o.id limit 1`.execute(db);
  return rows[0];
}

export function asTable(intervals: readonly Interval[]) {
  const numbered = intervals.map(({ start, end }, at) => ({ nr: at + 1, start, end }));
  return sql`jsonb_to_recordset(${postgresJson(numbered)}::jsonb)
    as i(nr int, start timestamptz, "end" timestamptz)`;
}
