import { sql } from 'kysely';
import type { Db } from '../../db/database.ts';

export interface OldRun {
  readonly pipeline?: number;
  /** Days ago on which it began; null: it never began, and was asked for so many days ago. */
  readonly began?: number | null;
  readonly asked?: number;
  readonly state?: string;
  readonly parent?: number | null;
  readonly reported?: boolean;
}

/** A run of some days ago, with its place in the closure; answers its id. */
export async function addRun(db: Db, run: OldRun): Promise<number> {
  const { pipeline = 1, began = 0, state = 'succeeded', parent = null, reported = false } = run;
  const asked = run.asked ?? began ?? 0;
  const { rows } = await sql<{ id: number }>`
    with run as (
      insert into pipeline_execution (pipeline_id, parent_id, state, workflow_id, trigger_kind,
        requested_at, start_date, date_recorded)
      select ${pipeline}, ${parent}, ${state}, case when not ${reported}::boolean then gen_random_uuid() end,
        case when ${reported} then 'reported' else 'api' end, now() - make_interval(days => ${asked}),
        began, (began at time zone 'utc')::date
      from (select now() - make_interval(days => ${began}) as began) t
      returning id
    ), closure as (
      insert into pipeline_execution_closure
      select id, id, 0 from run union all
      select c.parent_execution_id, run.id, c.depth + 1
      from run, pipeline_execution_closure c where c.child_execution_id = ${parent}::bigint
    )
    select id from run`.execute(db);
  return rows[0]?.id ?? 0;
}

/** A line that a run's block said some days ago. */
export async function addLine(db: Db, run: number, days: number): Promise<void> {
  await sql`
    insert into log_line (execution_id, block, attempt, seq, level, message, logged_at)
    select ${run}, 'a', 1, 1 + count(*), 'info', 'said', now() - make_interval(days => ${days})
    from log_line where execution_id = ${run}`.execute(db);
}

/** An artifact of some days ago; its uri is `store:///RUN/BLOCK/1-0/data.json`. */
export async function addArtifact(
  db: Db,
  run: number,
  block: string,
  days: number,
): Promise<string> {
  const uri = `store:///${run}/${block}/1-0/data.json`;
  await sql`
    insert into artifact (uri, execution_id, block, attempt, format, bytes, sha256, created_at)
    values (${uri}, ${run}, ${block}, 1, 'json', 3, '', now() - make_interval(days => ${days}))`.execute(
    db,
  );
  return uri;
}

/** A row of each kind that hangs on a run. */
export async function addEverything(db: Db, run: number): Promise<void> {
  await addLine(db, run, 0);
  await addArtifact(db, run, 'a', 0);
  await sql`
    insert into block_run (execution_id, block, attempt, state) values (${run}, 'a', 1, 'succeeded')`.execute(
    db,
  );
  await sql`insert into check_queue (execution_id) values (${run})`.execute(db);
  await sql`
    insert into timeliness_pipeline_execution_log (pipeline_execution_id, pipeline_id,
      duration_seconds, seconds_threshold, execution_status, timely_number, timely_datepart,
      used_child_config)
    values (${run}, 1, 90, 60, 'completed', 1, 'minute', true)`.execute(db);
  await sql`
    with rule as (
      insert into anomaly_detection_rule (pipeline_id, metric_field) values (1, 'inserts')
      on conflict (pipeline_id, metric_field) do update set active = true returning id
    )
    insert into anomaly_detection_result (pipeline_execution_id, rule_id, violation_value, z_score,
      historical_mean, std_deviation_value, z_threshold, threshold_min_value, threshold_max_value,
      context)
    select ${run}, id, 9, 9, 1, 1, 3, 0, 4, '{}' from rule`.execute(db);
}

export async function addFreshnessLog(db: Db, pipeline: number, days: number): Promise<void> {
  await sql`
    insert into freshness_pipeline_log (pipeline_id, last_dml_timestamp, evaluation_timestamp,
      freshness_number, freshness_datepart, used_child_config)
    values (${pipeline}, now() - make_interval(days => ${days}), now(), 1, 'day', true)`.execute(
    db,
  );
}

export async function idsOf(db: Db, table: string, column = 'id'): Promise<unknown[]> {
  const { rows } = await sql<{ value: unknown }>`
    select ${sql.ref(column)} as value from ${sql.table(table)} order by 1`.execute(db);
  return rows.map(({ value }) => value);
}
