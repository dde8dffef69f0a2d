import { sql, type Kysely } from 'kysely';

/** Pipelines, their versions, runs and what they left behind. Names follow Watcher where it has them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table pipeline_type (
      id int generated always as identity primary key,
      name varchar(150) not null unique,
      freshness_number int,
      freshness_datepart text,
      mute_freshness_check boolean not null default false,
      timeliness_number int,
      timeliness_datepart text,
      mute_timeliness_check boolean not null default false,
      created_at timestamptz not null default now(),
      updated_at timestamptz
    )`.execute(db);

  await sql`
    create table pipeline (
      id int generated always as identity primary key,
      name varchar(150) not null unique,
      pipeline_type_id int not null references pipeline_type,
      description text not null default '',
      tags text[] not null default '{}',
      current_version text,
      watermark varchar(50),
      watermark_type text,
      next_watermark varchar(50),
      pipeline_metadata jsonb,
      last_target_insert timestamptz,
      last_target_update timestamptz,
      last_target_soft_delete timestamptz,
      freshness_number int,
      freshness_datepart text,
      mute_freshness_check boolean not null default false,
      timeliness_number int,
      timeliness_datepart text,
      mute_timeliness_check boolean not null default false,
      load_lineage boolean not null default true,
      active boolean not null default true,
      input_hash text,
      created_at timestamptz not null default now(),
      updated_at timestamptz
    )`.execute(db);

  await sql`
    create table pipeline_version (
      hash text primary key,
      pipeline_id int not null references pipeline,
      plan jsonb not null,
      created_at timestamptz not null default now()
    )`.execute(db);
  await sql`create index pipeline_version_pipeline on pipeline_version (pipeline_id)`.execute(db);
  await sql`
    alter table pipeline
      add foreign key (current_version) references pipeline_version`.execute(db);

  await sql`
    create table block_source (
      hash text primary key,
      language text not null,
      entry text not null,
      files jsonb not null,
      created_at timestamptz not null default now()
    )`.execute(db);

  await sql`
    create table pipeline_execution (
      id bigint generated always as identity primary key,
      pipeline_id int not null references pipeline,
      parent_id bigint references pipeline_execution,
      parent_block text,
      state text not null check (state in ('queued', 'running', 'succeeded', 'failed',
        'cancelled', 'timed_out', 'terminated', 'skipped')),
      version_hash text references pipeline_version,
      workflow_id text not null,
      temporal_run_id text,
      trigger_kind text not null,
      params jsonb not null default '{}',
      full_load boolean not null default false,
      idempotency_key text,
      request_hash text,
      requested_at timestamptz not null default now(),
      dispatched_at timestamptz,
      start_date timestamptz,
      end_date timestamptz,
      duration_seconds int,
      completed_successfully boolean,
      inserts bigint,
      updates bigint,
      soft_deletes bigint,
      total_rows bigint,
      throughput numeric(12, 4),
      watermark varchar(50),
      next_watermark varchar(50),
      error jsonb,
      execution_metadata jsonb,
      anomaly_flags jsonb,
      date_recorded date,
      hour_recorded int,
      check (parent_id <> id),
      unique (pipeline_id, idempotency_key)
    )`.execute(db);
  await sql`
    create unique index pipeline_execution_workflow
      on pipeline_execution (workflow_id, coalesce(temporal_run_id, ''))`.execute(db);
  await sql`
    create index pipeline_execution_pipeline on pipeline_execution (pipeline_id, id desc)`.execute(
    db,
  );
  await sql`
    create index pipeline_execution_parent on pipeline_execution (parent_id)
      where parent_id is not null`.execute(db);
  await sql`
    create index pipeline_execution_open on pipeline_execution (state)
      where state in ('queued', 'running')`.execute(db);

  await sql`
    create table pipeline_execution_closure (
      parent_execution_id bigint not null references pipeline_execution on delete cascade,
      child_execution_id bigint not null references pipeline_execution on delete cascade,
      depth int not null,
      primary key (parent_execution_id, child_execution_id)
    )`.execute(db);
  await sql`
    create index pipeline_execution_closure_child
      on pipeline_execution_closure (child_execution_id, depth)`.execute(db);

  await sql`
    create table block_run (
      execution_id bigint not null references pipeline_execution on delete cascade,
      block text not null,
      attempt int not null,
      state text not null check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled',
        'timed_out', 'terminated', 'skipped', 'upstream_failed', 'reused')),
      started_at timestamptz,
      finished_at timestamptz,
      rows bigint,
      value jsonb,
      child_execution_id bigint references pipeline_execution,
      worker text,
      peak_memory_bytes bigint,
      cpu_ms bigint,
      error jsonb,
      primary key (execution_id, block, attempt)
    )`.execute(db);

  await sql`
    create table artifact (
      uri text primary key,
      execution_id bigint not null references pipeline_execution on delete cascade,
      block text not null,
      attempt int not null,
      format text not null,
      rows bigint,
      bytes bigint not null,
      sha256 text not null,
      schema jsonb not null default '[]',
      created_at timestamptz not null default now()
    )`.execute(db);
  await sql`create index artifact_run on artifact (execution_id, block)`.execute(db);

  await sql`
    create table log_line (
      id bigint generated always as identity primary key,
      execution_id bigint not null references pipeline_execution on delete cascade,
      block text not null,
      attempt int not null,
      seq int not null,
      level text not null check (level in ('debug', 'info', 'warn', 'error')),
      message text not null,
      fields jsonb,
      logged_at timestamptz not null,
      unique (execution_id, block, attempt, seq)
    )`.execute(db);
}
