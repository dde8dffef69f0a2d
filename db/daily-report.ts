import { sql } from 'kysely';
import type { Db } from './database.ts';
import { SETTLED, SUMS } from './daily-sums.ts';

export interface ReportFilter {
  /** How many days before today; today is always in it. Days are those of UTC. */
  readonly days: number;
  readonly pipeline?: string | undefined;
  readonly type?: string | undefined;
  readonly limit: number;
  readonly offset: number;
}

/** What the executions of a pipeline that began on a day came to; open ones count as executions. */
export interface DailyRow {
  readonly date: string;
  readonly pipeline: string;
  readonly type: string;
  readonly executions: number;
  readonly failed: number;
  readonly anomalous: number;
  readonly inserts: number;
  readonly updates: number;
  readonly soft_deletes: number;
  readonly total_rows: number;
  readonly duration_seconds: number;
  /** Of all executions, with two places. */
  readonly error_percentage: number;
  /** Of all executions, with two places; an open one counts as 0. */
  readonly avg_duration_seconds: number;
  /** Rows a second of the time that runs took, with four places. */
  readonly throughput: number;
}

export interface DailyReport {
  /** The newest day first, pipelines by name. */
  readonly rows: readonly DailyRow[];
  readonly total: number;
  /** Whether some days that are over had to be summed up for this answer. */
  readonly behind: boolean;
}

/** Days that are over come from their sums; today, and what has changed since, from the executions. */
export async function readDailyReport(db: Db, filter: ReportFilter): Promise<DailyReport> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (tx) => {
      const live = await findLive(tx, filter.days);
      return { ...(await readRows(tx, filter, live)), behind: live.behind };
    });
}

/** What sums say nothing of, or something that is no longer so. */
interface Live {
  readonly days: readonly string[];
  readonly pairs: readonly { readonly date: string; readonly pipeline_id: number }[];
  readonly behind: boolean;
}

async function findLive(tx: Db, days: number): Promise<Live> {
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
    days: whole,
    pairs: rows.flatMap(({ date, pipeline_id }) =>
      pipeline_id === null || whole.includes(date) ? [] : { date, pipeline_id },
    ),
    behind: rows.some(({ over }) => over),
  };
}

async function readRows(
  tx: Db,
  { days, pipeline, type, limit, offset }: ReportFilter,
  live: Live,
): Promise<Pick<DailyReport, 'rows' | 'total'>> {
  const dates = live.pairs.map(({ date }) => date);
  const pipelines = live.pairs.map(({ pipeline_id }) => pipeline_id);
  const changed = sql`unnest(${dates}::date[], ${pipelines}::int[]) as c (date, pipeline_id)`;
  const { rows } = await sql<DailyRow & { total: number }>`
    with sought as materialized (
      select p.id as pipeline_id, p.name as pipeline, t.name as type
      from pipeline p join pipeline_type t on t.id = p.pipeline_type_id
      where (${pipeline ?? null}::text is null or p.name = ${pipeline ?? null})
        and (${type ?? null}::text is null or t.name = ${type ?? null})
    ), daily as materialized (
      select d.* from pipeline_daily d
      where d.date between (now() at time zone 'utc')::date - ${days}::int
          and (now() at time zone 'utc')::date
        and d.date <> all (${live.days}::date[])
        and not exists (select from ${changed}
          where c.date = d.date and c.pipeline_id = d.pipeline_id)
      union all
      select e.date_recorded, e.pipeline_id, ${SUMS} from pipeline_execution e
      where e.date_recorded = any (${live.days}::date[])
      group by e.date_recorded, e.pipeline_id
      union all
      select c.date, c.pipeline_id, s.* from ${changed}
      cross join lateral (select ${SUMS} from pipeline_execution e
        where e.date_recorded = c.date and e.pipeline_id = c.pipeline_id) s
      where s.executions > 0
    ), found as materialized (
      select * from daily join sought using (pipeline_id)
    )
    select total, page.* from (select count(*)::int as total from found) counted
    left join lateral (
      select to_char(date, 'YYYY-MM-DD') as date, pipeline, type, executions, failed, anomalous,
        inserts, updates, soft_deletes, total_rows, duration_seconds,
        round(failed * 100.0 / executions, 2) as error_percentage,
        round(duration_seconds::numeric / executions, 2) as avg_duration_seconds,
        coalesce(round(total_rows / nullif(duration_seconds, 0), 4), 0) as throughput
      from found order by found.date desc, pipeline collate "C"
      limit ${limit} offset ${offset}
    ) page on true`.execute(tx);
  // A page beyond the last has the total all the same, in a row without a date.
  const found = rows.filter(({ date }) => (date as string | null) !== null);
  return { total: rows[0]?.total ?? 0, rows: found.map(({ total: _total, ...row }) => row) };
}

/** Names of the pipelines, or of the types, that the report of these days has rows of. */
export async function listReported(
  db: Db,
  what: 'pipeline' | 'type',
  { days, type }: { readonly days: number; readonly type?: string | undefined },
): Promise<string[]> {
  const name = what === 'pipeline' ? sql`p.name` : sql`t.name`;
  const { rows } = await sql<{ name: string }>`
    select distinct ${name} collate "C" as name
    from pipeline p join pipeline_type t on t.id = p.pipeline_type_id
    where (${type ?? null}::text is null or t.name = ${type ?? null})
      and exists (select from generate_series(0, ${days}::int) n
        join pipeline_execution e on e.date_recorded = (now() at time zone 'utc')::date - n
        where e.pipeline_id = p.id)
    order by 1`.execute(db);
  return rows.map((row) => row.name);
}
