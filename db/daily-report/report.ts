import { sql, type RawBuilder } from 'kysely';
import { pageOfGroups, type GroupCount } from '../../metadata/page-of-groups.ts';
import type { Db } from '../database.ts';
import { findLive, type LiveDays } from './changes.ts';
import { SUMS } from './sums.ts';

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
  return inSnapshot(db, async (tx) => {
    const live = await findLive(tx, filter.days);
    const counts = await countDays(tx, filter, live);
    const { keys, skip } = pageOfGroups(counts, filter.offset, filter.limit);
    return {
      total: counts.reduce((sum, { count }) => sum + count, 0),
      rows: keys.length === 0 ? [] : await readRows(tx, { ...filter, offset: skip }, live, keys),
      behind: live.behind,
    };
  });
}

/** Names of the pipelines, or of the types, that the report of these days has rows of. */
export async function listReported(
  db: Db,
  what: 'pipeline' | 'type',
  filter: Pick<ReportFilter, 'days' | 'type'>,
): Promise<string[]> {
  const name = what === 'pipeline' ? sql`p.name` : sql`t.name`;
  return inSnapshot(db, async (tx) => {
    const keys = rowKeys(filter, await findLive(tx, filter.days));
    const { rows } = await sql<{ name: string }>`
      select distinct ${name} collate "C" as name
      from (select distinct pipeline_id from (${keys}) k) r
      join pipeline p on p.id = r.pipeline_id join pipeline_type t on t.id = p.pipeline_type_id
      order by 1`.execute(tx);
    return rows.map((row) => row.name);
  });
}

function inSnapshot<Answer>(db: Db, read: (tx: Db) => Promise<Answer>): Promise<Answer> {
  return db.transaction().setIsolationLevel('repeatable read').execute(read);
}

/** How many rows each day has, the newest first: a page needs no more than its own days. */
async function countDays(
  tx: Db,
  filter: ReportFilter,
  live: LiveDays,
): Promise<GroupCount<string>[]> {
  const { rows } = await sql<GroupCount<string>>`
    select date::text as key, count(*) as count from (${rowKeys(filter, live)}) k
    group by date order by date desc`.execute(tx);
  return rows;
}

type Sought = Pick<ReportFilter, 'days' | 'pipeline' | 'type'>;

/** The day and the pipeline of every row. */
function rowKeys({ days, ...names }: Sought, live: LiveDays) {
  return sql`
    select d.date, d.pipeline_id from pipeline_daily d
    where d.date >= (now() at time zone 'utc')::date - ${days}::int
      and ${isSummed(live)} and ${isSought(names, sql`d.pipeline_id`)}
    union all
    select distinct e.date_recorded, e.pipeline_id from pipeline_execution e
    where e.date_recorded = any (${live.days}::date[]) and ${isSought(names, sql`e.pipeline_id`)}
    union all
    select c.date, c.pipeline_id from ${changedPairs(live)}
    where ${isSought(names, sql`c.pipeline_id`)} and exists (select from pipeline_execution e
      where e.date_recorded = c.date and e.pipeline_id = c.pipeline_id)`;
}

/** The rows of a page are found first, so that no more than those are summed up. */
async function readRows(
  tx: Db,
  { limit, offset, ...filter }: ReportFilter,
  live: LiveDays,
  dates: readonly string[],
): Promise<DailyRow[]> {
  const { rows } = await sql<DailyRow>`
    with page as materialized (
      select k.date, k.pipeline_id, p.name as pipeline, t.name as type
      from (${rowKeys(filter, live)}) k
      join pipeline p on p.id = k.pipeline_id join pipeline_type t on t.id = p.pipeline_type_id
      where k.date = any (${dates}::date[])
      order by k.date desc, p.name collate "C" limit ${limit} offset ${offset}
    ), daily as (
      select d.* from page join pipeline_daily d using (date, pipeline_id) where ${isSummed(live)}
      union all
      select d.date, d.pipeline_id, s.* from page d
      cross join lateral (select ${SUMS} from pipeline_execution e
        where e.date_recorded = d.date and e.pipeline_id = d.pipeline_id) s
      where not ${isSummed(live)}
    )
    select to_char(date, 'YYYY-MM-DD') as date, pipeline, type, executions, failed, anomalous,
      inserts, updates, soft_deletes, total_rows, duration_seconds,
      round(failed * 100.0 / executions, 2) as error_percentage,
      round(duration_seconds::numeric / executions, 2) as avg_duration_seconds,
      coalesce(round(total_rows / nullif(duration_seconds, 0), 4), 0) as throughput
    from page join daily using (date, pipeline_id)
    order by page.date desc, pipeline collate "C"`.execute(tx);
  return rows;
}

function isSummed(live: LiveDays) {
  if (live.days.length === 0 && live.pairs.length === 0) return sql`true`;
  const changed = sql`and not exists (select from ${changedPairs(live)}
    where c.date = d.date and c.pipeline_id = d.pipeline_id)`;
  return sql`(d.date <> all (${live.days}::date[]) ${live.pairs.length === 0 ? sql`` : changed})`;
}

function changedPairs({ pairs }: LiveDays) {
  return sql`unnest(${pairs.map(({ date }) => date)}::date[],
    ${pairs.map(({ pipeline_id }) => pipeline_id)}::int[]) as c (date, pipeline_id)`;
}

function isSought({ pipeline, type }: Omit<Sought, 'days'>, id: RawBuilder<unknown>) {
  if (pipeline === undefined && type === undefined) return sql`true`;
  return sql`${id} in (
    select p.id from pipeline p join pipeline_type t on t.id = p.pipeline_type_id
    where (${pipeline ?? null}::text is null or p.name = ${pipeline ?? null})
      and (${type ?? null}::text is null or t.name = ${type ?? null}))`;
}
