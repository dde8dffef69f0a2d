import { sql } from 'kysely';
import { checkQueued } from '../../db/anomalies/check-runs.ts';
import { openDb, type Db } from '../../db/database.ts';
import { createLog } from '../../runtime/log.ts';
import { quantile, round1, timed } from '../rounds.ts';
import type { History } from './history.ts';

const CHECKS = 500;
const BATCH = 500;
const BATCHES = 20;
const BUSY_RUNS = 15_000;

/** How long runs of a long history wait for their check: one alone, many together, and one busy pipeline. */
export async function benchAnomalies({ url }: Pick<History, 'url'>, say: (line: string) => void) {
  const db = openDb(url, createLog('bench', 'warn'), 1);
  try {
    await addRules(db);
    const recent = await recentRuns(db, CHECKS + BATCH * BATCHES);
    const single = await timeChecks(
      db,
      recent.slice(0, CHECKS).map((id) => [id]),
    );
    const batch = await timeChecks(db, inBatches(recent.slice(CHECKS)));
    const busy = await timeChecks(db, inBatches(await addBusyHour(db)).slice(0, BATCHES));
    const figures = {
      anomaly_check_p50_ms: round1(quantile(single, 0.5)),
      anomaly_check_p95_ms: round1(quantile(single, 0.95)),
      anomaly_checks_per_second: perSecond(batch),
      anomaly_checks_per_second_of_one_pipeline: perSecond(busy),
    };
    say(`checks for anomalies: ${JSON.stringify(figures)}`);
    return figures;
  } finally {
    await db.destroy();
  }
}

function perSecond(batchesMs: readonly number[]): number {
  const ms = batchesMs.reduce((sum, one) => sum + one, 0);
  return Math.round((batchesMs.length * BATCH * 1000) / ms);
}

/** All six for each pipeline, with as long a memory as a rule can well have. */
async function addRules(db: Db): Promise<void> {
  await sql`
    insert into anomaly_detection_rule (pipeline_id, metric_field, lookback_days)
    select id, metric, 90
    from pipeline, unnest(array['duration_seconds', 'inserts', 'updates', 'soft_deletes',
      'total_rows', 'throughput']) as metric
    on conflict do nothing`.execute(db);
  await sql`analyze anomaly_detection_rule`.execute(db);
}

/** The newest runs that have succeeded, each of a pipeline that had none for long. */
async function recentRuns(db: Db, count: number): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select id from pipeline_execution where completed_successfully
    order by id desc limit ${count}`.execute(db);
  return rows.map(({ id }) => id);
}

/** One pipeline that ran 15,000 times in one hour of the day. */
async function addBusyHour(db: Db): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    insert into pipeline_execution (pipeline_id, state, trigger_kind, start_date, end_date,
      duration_seconds, completed_successfully, inserts, updates, soft_deletes, total_rows, throughput,
      date_recorded, hour_recorded)
    select 1, 'succeeded', 'reported', began, began + interval '10 seconds', 10, true, 1000 + n % 100,
      n % 50, n % 20, 1000 + n % 170, 100 + n % 17, (began at time zone 'utc')::date,
      extract(hour from began at time zone 'utc')
    from generate_series(1, ${BUSY_RUNS}) n
    cross join lateral (select date_trunc('hour', now()) - interval '1 day'
      + n * interval '200 milliseconds' as began) b
    returning id`.execute(db);
  await sql`analyze pipeline_execution`.execute(db);
  return rows.map(({ id }) => id);
}

function inBatches(ids: readonly number[]): number[][] {
  return Array.from({ length: Math.ceil(ids.length / BATCH) }, (_, at) =>
    ids.slice(at * BATCH, (at + 1) * BATCH),
  );
}

/** The time from the claim of a batch to its commit. */
async function timeChecks(db: Db, batches: readonly number[][]): Promise<number[]> {
  const times: number[] = [];
  for (const ids of batches) {
    await sql`insert into check_queue (execution_id) select unnest(${ids}::bigint[])`.execute(db);
    const choice = { atMost: BATCH, except: [], onClaim: () => undefined };
    times.push(await timed(() => checkQueued(db, choice)));
  }
  return times;
}
