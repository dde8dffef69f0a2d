import { sql, type RawBuilder } from 'kysely';
import type { Db } from '../database.ts';
import { LOCKS } from '../locks.ts';

const CHANGES = 10_000;
const HORIZON_DAYS = 366;

/** Days before this one are over for good: a transaction that began while they lasted has ended. */
export const SETTLED = sql`((now() - interval '1 hour') at time zone 'utc')::date`;

/** The sums of a group of executions, in the columns of `pipeline_daily`. */
export const SUMS = sql`
  count(*)::int as executions,
  (count(*) filter (where not e.completed_successfully))::int as failed,
  (count(*) filter (where e.anomaly_flags @? '$.* ? (@ == true)'))::int as anomalous,
  coalesce(sum(e.inserts), 0) as inserts,
  coalesce(sum(e.updates), 0) as updates,
  coalesce(sum(e.soft_deletes), 0) as soft_deletes,
  coalesce(sum(e.total_rows), 0) as total_rows,
  coalesce(sum(e.duration_seconds), 0) as duration_seconds`;

/**
 * Brings `pipeline_daily` up to date: sums up each day that is over, and again what has changed since.
 * One process at a time does it; a second one leaves it to the first.
 */
export async function sumDays(db: Db, signal?: AbortSignal): Promise<void> {
  let more = true;
  while (more && signal?.aborted !== true) {
    more = await db.transaction().execute(async (tx) => {
      if (!(await takeTurn(tx))) return false;
      return (await takeChanges(tx)) || (await sumNextDay(tx));
    });
  }
}

async function takeTurn(tx: Db): Promise<boolean> {
  const { rows } = await sql<{ mine: boolean }>`
    select pg_try_advisory_xact_lock(${LOCKS.dailySums}) as mine`.execute(tx);
  return rows[0]?.mine ?? false;
}

/** Notes are taken away first: what they are about is visible to the statements after. */
async function takeChanges(tx: Db): Promise<boolean> {
  const { rows } = await sql<{ date: string; pipeline_id: number | null }>`
    delete from pipeline_daily_change
    where id in (select id from pipeline_daily_change order by id limit ${CHANGES})
    returning date::text, pipeline_id`.execute(tx);
  const days = rows.flatMap(({ date, pipeline_id }) => (pipeline_id === null ? date : []));
  await forgetDays(tx, [...new Set(days)]);
  const pairs = rows.filter(({ pipeline_id }) => pipeline_id !== null);
  await sumPairs(
    tx,
    pairs.map(({ date }) => date),
    pairs.map(({ pipeline_id }) => pipeline_id ?? 0),
  );
  return rows.length > 0;
}

async function forgetDays(tx: Db, days: readonly string[]): Promise<void> {
  if (days.length === 0) return;
  await sql`delete from summed_day where date = any (${days}::date[])`.execute(tx);
  await sql`delete from pipeline_daily where date = any (${days}::date[])`.execute(tx);
}

async function sumPairs(
  tx: Db,
  dates: readonly string[],
  pipelines: readonly number[],
): Promise<void> {
  if (dates.length === 0) return;
  const changed = sql`
    select distinct c.date, c.pipeline_id
    from unnest(${dates}::date[], ${pipelines}::int[]) c (date, pipeline_id)
    join summed_day s on s.date = c.date`;
  await sql`
    delete from pipeline_daily d using (${changed}) c
    where d.date = c.date and d.pipeline_id = c.pipeline_id`.execute(tx);
  await sql`
    insert into pipeline_daily
    select c.date, c.pipeline_id, s.* from (${changed}) c
    cross join lateral (select ${SUMS} from pipeline_execution e
      where e.date_recorded = c.date and e.pipeline_id = c.pipeline_id) s
    where s.executions > 0`.execute(tx);
}

/** The newest day that is not summed up yet; days beyond the horizon are given up. */
async function sumNextDay(tx: Db): Promise<boolean> {
  const { rows } = await sql<{ date: string }>`
    insert into summed_day ${unsummedDays(sql`date >= oldest order by date desc limit 1`)}
    returning date::text`.execute(tx);
  const date = rows[0]?.date;
  if (date === undefined) return endOfSums(tx);
  await sql`
    insert into pipeline_daily
    select e.date_recorded, e.pipeline_id, ${SUMS} from pipeline_execution e
    where e.date_recorded = ${date}::date
    group by e.date_recorded, e.pipeline_id`.execute(tx);
  return true;
}

function unsummedDays(which: RawBuilder<unknown>) {
  return sql`
    select date from (
      select (${SETTLED} - n)::date as date from generate_series(1, ${HORIZON_DAYS}::int) n
    ) past
    cross join (select coalesce(min(date_recorded), 'infinity') as oldest from pipeline_execution) e
    where not exists (select from summed_day s where s.date = past.date) and ${which}`;
}

/** Before the first execution there is nothing to sum up. */
async function endOfSums(tx: Db): Promise<false> {
  await sql`insert into summed_day ${unsummedDays(sql`date < oldest`)}`.execute(tx);
  return forgetOldDays(tx);
}

async function forgetOldDays(tx: Db): Promise<false> {
  const { rows } = await sql<{ date: string }>`
    select date::text from summed_day
    where date < ${SETTLED} - ${HORIZON_DAYS}::int`.execute(tx);
  await forgetDays(
    tx,
    rows.map(({ date }) => date),
  );
  return false;
}
