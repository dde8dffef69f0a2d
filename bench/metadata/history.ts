import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { openDb, type Db } from '../../db/database.ts';
import { migrate } from '../../db/migrate.ts';
import { claimPort } from '../../local/port.ts';
import { startPostgres } from '../../local/postgres.ts';
import { createLog } from '../../runtime/log.ts';
import { round1, timed } from '../rounds.ts';
import { withoutIndexes } from './without-indexes.ts';

export interface HistorySize {
  readonly executions: number;
  readonly pipelines: number;
  /** How many days back the first of them began; they are spread evenly. */
  readonly days: number;
}

export interface History {
  readonly url: string;
  readonly size: HistorySize;
  readonly seconds: number;
  stop(): Promise<void>;
}

/** More than a million executions are older than 90 days. */
export const LARGE: HistorySize = { executions: 5_000_000, pipelines: 2_000, days: 113 };

const CHUNK = 500_000;
const TABLES = ['pipeline_execution', 'pipeline_execution_closure'];

/** A Postgres of its own with the settings of the local stack, and a long history in it. */
export async function startHistory(
  say: (line: string) => void,
  size: HistorySize = LARGE,
): Promise<History> {
  const dir = await mkdtemp('/var/tmp/highwater-history-');
  await chmod(dir, 0o711); // Postgres' own user has to get in
  const remove = () => removeData(dir);
  try {
    const port = await claimPort(0, 'Postgres', 'none');
    const postgres = await startPostgres({ dir, port, log: () => undefined });
    const db = openDb(postgres.url, createLog('bench', 'warn'), 1);
    const seconds = await timed(() => createHistory(db, size)).finally(() => db.destroy());
    say(
      `${size.executions} executions of ${size.pipelines} pipelines: ${round1(seconds / 1000)} s`,
    );
    const stop = () => postgres.stop().finally(remove);
    return { url: postgres.url, size, seconds: round1(seconds / 1000), stop };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Several gigabytes, which may be somewhere else: a note says where. */
async function removeData(dir: string): Promise<void> {
  const place = await readFile(join(dir, 'location'), 'utf8').catch(() => dir);
  for (const folder of [place.trim(), dir]) await rm(folder, { recursive: true, force: true });
}

/** Migrates an empty database, and fills it. Its connection checks no references from then on. */
async function createHistory(db: Db, size: HistorySize): Promise<void> {
  await migrate(db);
  await sql`set session_replication_role = replica`.execute(db);
  await sql`set maintenance_work_mem = '512MB'`.execute(db);
  await insertPipelines(db, size);
  await withoutIndexes(db, TABLES, async () => {
    for (let first = 1; first <= size.executions; first += CHUNK) {
      const last = Math.min(first + CHUNK - 1, size.executions);
      await insertExecutions(db, size, first, last);
      await insertClosure(db, first, last);
    }
  });
  await sql`select setval(pg_get_serial_sequence('pipeline_execution', 'id'), ${size.executions})`.execute(
    db,
  );
  await recordLastChanges(db);
  await sql`vacuum (analyze)`.execute(db);
}

/** Ten types; half of the pipelines have thresholds of their own. */
async function insertPipelines(db: Db, { pipelines, days }: HistorySize): Promise<void> {
  await sql`
    insert into pipeline_type (name, freshness_number, freshness_datepart, timeliness_number,
      timeliness_datepart)
    select 'type_' || n, 1, 'day', 2, 'hour' from generate_series(0, 9) n`.execute(db);
  await sql`
    insert into pipeline (name, pipeline_type_id, freshness_number, freshness_datepart,
      timeliness_number, timeliness_datepart, load_lineage, created_at)
    select 'pipeline_' || lpad(n::text, 4, '0'), 1 + n % 10,
      case when n % 2 = 0 then 1 + n % 48 end, case when n % 2 = 0 then 'hour' end,
      case when n % 2 = 0 then 5 + n % 30 end, case when n % 2 = 0 then 'minute' end,
      false, now() - make_interval(days => ${days})
    from generate_series(1, ${pipelines}) n`.execute(db);
}

/**
 * The pipelines take turns. Three of ten executions are nested, two levels deep; one in fifty failed; a
 * hundred of the newest are still open. Figures vary around what is usual for their pipeline.
 */
async function insertExecutions(
  db: Db,
  { executions, pipelines, days }: HistorySize,
  first: number,
  last: number,
): Promise<void> {
  await sql`
    insert into pipeline_execution (id, pipeline_id, parent_id, state, trigger_kind, requested_at,
      start_date, end_date, duration_seconds, completed_successfully, inserts, updates, soft_deletes,
      total_rows, throughput, date_recorded, hour_recorded)
    overriding system value
    select n, pipeline, case when n % 10 in (2, 3, 5) then n - 1 end,
      case when open then 'running' when failed then 'failed' else 'succeeded' end, 'reported', began,
      began, case when not open then began + make_interval(secs => took) end,
      case when not open then took end, case when not open then not failed end,
      counted, counted / 10, counted / 100, counted + counted / 10 + counted / 100,
      round((counted + counted / 10 + counted / 100)::numeric / took, 4),
      (began at time zone 'utc')::date, extract(hour from began at time zone 'utc')
    from generate_series(${first}::bigint, ${last}::bigint) n
    cross join lateral (select abs(hashint8(n)::bigint) as chance,
      1 + (n * 7919 % ${pipelines}::int)::int as pipeline) c
    cross join lateral (select
      now() - make_interval(days => ${days}) * (1 - n::float8 / ${executions}::int) as began,
      chance % 50 = 0 as failed,
      n > ${executions}::int - 300 and n % 3 = 0 as open,
      5 + pipeline % 200 + chance % 20 as took) b
    cross join lateral (select
      case when not open and not failed then 1000 + pipeline % 5000 + chance % 100 end as counted) t`.execute(
    db,
  );
}

async function insertClosure(db: Db, first: number, last: number): Promise<void> {
  await sql`
    insert into pipeline_execution_closure (parent_execution_id, child_execution_id, depth)
    select n - depth, n, depth
    from generate_series(${first}::bigint, ${last}::bigint) n
    join (values (0, '{0,1,2,3,4,5,6,7,8,9}'::int[]), (1, '{2,3,5}'), (2, '{3}')) as d (depth, turns)
      on n % 10 = any (turns)
    order by 1, 2`.execute(db);
}

async function recordLastChanges(db: Db): Promise<void> {
  await sql`
    update pipeline p set last_target_insert = e.ended, last_target_update = e.ended,
      last_target_soft_delete = e.ended
    from (select pipeline_id, max(end_date) as ended from pipeline_execution
      where completed_successfully group by pipeline_id) e
    where p.id = e.pipeline_id`.execute(db);
}
