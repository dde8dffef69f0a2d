import { sql } from 'kysely';
import { checkQueued } from '../../db/anomalies/check-runs.ts';
import type { Db } from '../../db/database.ts';
import type { Metric } from '../../metadata/anomaly/rule.ts';
import { followUp } from './follow-up.ts';

export interface History {
  readonly pipelineId: number;
  /** Counted back from now, in whole days: the run keeps its hour and, by sevens, its day of the week. */
  readonly daysAgo: number;
  readonly hour: number;
  readonly rows: number | null;
  readonly succeeded?: boolean;
  readonly flags?: Partial<Record<Metric, boolean>>;
}

export async function addPipeline(db: Db, name: string): Promise<number> {
  await sql`insert into pipeline_type (name) values ('test') on conflict do nothing`.execute(db);
  const { rows } = await sql<{ id: number }>`
    insert into pipeline (name, pipeline_type_id)
    select ${name}, id from pipeline_type where name = 'test' returning id`.execute(db);
  return rows[0]?.id ?? NaN;
}

export interface NewRule {
  readonly metric_field?: Metric;
  readonly z_threshold?: number;
  readonly lookback_days?: number;
  readonly minimum_executions?: number;
  readonly baseline?: string;
  readonly last_n?: number;
  readonly method?: string;
  readonly active?: boolean;
}

export async function addRule(db: Db, pipelineId: number, rule: NewRule = {}): Promise<number> {
  const { id } = await db
    .insertInto('anomaly_detection_rule')
    .values({ pipeline_id: pipelineId, metric_field: 'total_rows', minimum_executions: 5, ...rule })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/** Ended runs, in the order given; answers their ids. Each takes ten minutes. */
export async function addRuns(db: Db, runs: readonly History[]): Promise<number[]> {
  const numbered = runs.map((run, n) => ({ ...run, n }));
  const { rows } = await sql<{ id: number }>`
    insert into pipeline_execution (pipeline_id, state, trigger_kind, start_date, end_date,
      date_recorded, hour_recorded, duration_seconds, completed_successfully, total_rows, anomaly_flags)
    select r."pipelineId", case when ok then 'succeeded' else 'failed' end, 'reported', start,
      start + interval '10 minutes' + n * interval '1 millisecond', (start at time zone 'utc')::date,
      r.hour, 600, ok, r.rows, r.flags
    from jsonb_to_recordset(${JSON.stringify(numbered)}::jsonb) as r("pipelineId" int, "daysAgo" int,
        hour int, rows bigint, succeeded boolean, flags jsonb, n int),
      lateral (select coalesce(r.succeeded, true) as ok,
        date_trunc('day', now(), 'utc') - make_interval(hours => r."daysAgo" * 24 - r.hour) as start) x
    order by n returning id`.execute(db);
  return rows.map(({ id }) => id);
}

/** What the end of a run does. */
export async function queueAll(db: Db, pipelineId: number, ids: readonly number[]): Promise<void> {
  const [state, end] = ['succeeded', new Date()] as const;
  await followUp(
    db,
    ids.map((id) => ({ id, pipelineId, state, start: end, end })),
  );
}

/** Checks until nothing is left to claim; answers how many were. */
export async function checkAll(db: Db, atMost = 500): Promise<number> {
  const choice = { atMost, except: [], onClaim: () => undefined };
  let total = 0;
  for (;;) {
    const checked = await checkQueued(db, choice);
    if (checked === 0) return total;
    total += checked;
  }
}

export async function flagsOf(db: Db, id: number): Promise<unknown> {
  const row = await db
    .selectFrom('pipeline_execution')
    .select('anomaly_flags')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return row.anomaly_flags;
}

export async function resultsOf(db: Db, ids: readonly number[]) {
  return db
    .selectFrom('anomaly_detection_result')
    .selectAll()
    .where('pipeline_execution_id', '=', sql<number>`any(${ids}::bigint[])`)
    .orderBy('pipeline_execution_id')
    .execute();
}

/** Every notice raised so far about a run, oldest first: true where it says that all is well again. */
export async function raisedAbout(db: Db, id: number): Promise<boolean[]> {
  const rows = await db
    .selectFrom('raised_notice')
    .select('recovered')
    .where('subject', '=', `anomaly/${id}`)
    .orderBy('id')
    .execute();
  return rows.map(({ recovered }) => recovered);
}
