import { sql } from 'kysely';
import type { Db } from '../database.ts';
import { PREPARED } from '../prepared.ts';
import { noteStart } from '../standings/watch.ts';

/** An execution that somebody else runs, as it begins. */
export interface ReportedStart {
  readonly pipelineId: number;
  readonly parentId: number | null;
  /** ISO 8601; null is now. */
  readonly startDate: string | null;
  readonly watermark: string | null;
  /** What its success promotes; null: what its pipeline names now. */
  readonly nextWatermark: string | null;
}

/** The id of its row, or what it names that there is not. */
export type StartAnswer = { readonly id: number } | { readonly unknown: 'pipeline' | 'parent' };

interface Row {
  readonly id: number;
  readonly began: Date;
  readonly knows_pipeline: boolean;
  readonly knows_parent: boolean;
}

/**
 * Writes a row for each, with its place among its ancestors, in one transaction. Each is a new execution,
 * also when the same is reported twice.
 */
export async function reportStarts(
  db: Db,
  starts: readonly ReportedStart[],
): Promise<StartAnswer[]> {
  // One statement needs no transaction, unless the watch may have to be woken.
  if (starts.every(({ startDate }) => startDate === null)) return reportStartsIn(db, starts);
  return db.transaction().execute((tx) => reportStartsIn(tx, starts));
}

/** The same in the caller's transaction. */
export async function reportStartsIn(
  tx: Db,
  starts: readonly ReportedStart[],
): Promise<StartAnswer[]> {
  const rows = await insertStarts(tx, starts);
  const [first] = rows.map(({ began }) => began).sort((a, b) => a.getTime() - b.getTime());
  if (first) await noteStart(tx, first);
  return rows.map(toAnswer);
}

/**
 * Arrays tell the planner that there are few rows: JSON would have it read whole tables. It looks into none
 * of them through a subquery, so that the plan of one call does for the next.
 */
async function insertStarts(tx: Db, starts: readonly ReportedStart[]): Promise<Row[]> {
  const { rows } = await sql<Row>`
    ${PREPARED} with numbered as materialized (
      select nextval(pg_get_serial_sequence('pipeline_execution', 'id')) as id,
        coalesce(s.start_date, clock_timestamp()) as began,
        p.id is not null as knows_pipeline,
        s.parent_id is null or exists (
          select from pipeline_execution where id = s.parent_id) as knows_parent,
        p.watermark as held, p.next_watermark as named, s.*
      from unnest(
        (select ${starts.map(({ pipelineId }) => pipelineId)}::int[]),
        (select ${starts.map(({ parentId }) => parentId)}::bigint[]),
        (select ${starts.map(({ startDate }) => startDate)}::timestamptz[]),
        (select ${starts.map(({ watermark }) => watermark)}::text[]),
        (select ${starts.map(({ nextWatermark }) => nextWatermark)}::text[])
      ) with ordinality as s(pipeline_id, parent_id, start_date, watermark, next_watermark, place)
      left join pipeline p on p.id = s.pipeline_id
    ), good as materialized (
      select * from numbered where knows_pipeline and knows_parent
    ), started as (
      insert into pipeline_execution (id, pipeline_id, parent_id, state, trigger_kind, start_date,
        date_recorded, hour_recorded, watermark, next_watermark, pipeline_watermark,
        pipeline_next_watermark)
      overriding system value
      select id, pipeline_id, parent_id, 'running', 'reported', began,
        (began at time zone 'utc')::date, extract(hour from began at time zone 'utc'), watermark,
        next_watermark, held, named
      from good
    ), placed as (
      insert into pipeline_execution_closure (parent_execution_id, child_execution_id, depth)
      select id, id, 0 from good
      union all
      select c.parent_execution_id, g.id, c.depth + 1
      from good g join pipeline_execution_closure c on c.child_execution_id = g.parent_id
    )
    select id, began, knows_pipeline, knows_parent from numbered order by place`.execute(tx);
  return rows;
}

function toAnswer({ id, knows_pipeline, knows_parent }: Row): StartAnswer {
  if (!knows_pipeline) return { unknown: 'pipeline' };
  return knows_parent ? { id } : { unknown: 'parent' };
}
