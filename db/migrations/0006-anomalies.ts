import { sql, type Kysely } from 'kysely';

/** Rules about what is normal for a pipeline, what broke them, and the runs that wait for their check. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table anomaly_detection_rule (
      id int generated always as identity primary key,
      pipeline_id int not null references pipeline on delete cascade,
      metric_field text not null check (metric_field in ('duration_seconds', 'inserts', 'updates',
        'soft_deletes', 'total_rows', 'throughput')),
      z_threshold numeric(4, 2) not null default 3 check (z_threshold between 1 and 10),
      lookback_days int not null default 30 check (lookback_days between 1 and 365),
      minimum_executions int not null default 30 check (minimum_executions between 5 and 1000),
      baseline text not null default 'hour' check (baseline in ('hour', 'hour_of_week', 'last_n')),
      last_n int not null default 100 check (last_n between 5 and 1000),
      method text not null default 'mean_sd' check (method in ('mean_sd', 'median_mad')),
      declared_in text not null default 'api' check (declared_in in ('api', 'file')),
      active boolean not null default true,
      created_at timestamptz not null default now(),
      updated_at timestamptz,
      unique (pipeline_id, metric_field),
      constraint anomaly_detection_rule_last_n
        check (baseline <> 'last_n' or last_n >= minimum_executions)
    )`.execute(db);

  await sql`
    create table anomaly_detection_result (
      id bigint generated always as identity unique,
      pipeline_execution_id bigint not null references pipeline_execution on delete cascade,
      rule_id int not null references anomaly_detection_rule on delete cascade,
      violation_value numeric not null,
      z_score numeric not null,
      historical_mean numeric not null,
      std_deviation_value numeric not null,
      z_threshold numeric(4, 2) not null,
      threshold_min_value numeric not null,
      threshold_max_value numeric not null,
      context jsonb not null,
      detected_at timestamptz not null default now(),
      recovered_at timestamptz,
      recovered_by bigint,
      primary key (pipeline_execution_id, rule_id)
    )`.execute(db);
  await sql`
    create index anomaly_detection_result_rule on anomaly_detection_result (rule_id, id desc)`.execute(
    db,
  );
  await sql`
    create index anomaly_detection_result_open on anomaly_detection_result (rule_id)
      where recovered_at is null`.execute(db);

  // No reference to the run: checking it would cost every end, and a row whose run is gone harms nobody.
  await sql`
    create table check_queue (
      execution_id bigint primary key,
      queued_at timestamptz not null default clock_timestamp()
    )`.execute(db);
}
