import { sql, type Kysely } from 'kysely';

/** Runs for many intervals that lie in the past, and what becomes of each. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table backfill (
      id int generated always as identity primary key,
      pipeline_id int not null references pipeline on delete cascade,
      version_hash text not null references pipeline_version,
      workflow_id text not null unique,
      state text not null default 'running' check (state in
        ('running', 'paused', 'cancelling', 'succeeded', 'failed', 'cancelled', 'terminated')),
      range_start timestamptz not null,
      range_end timestamptz not null,
      every text not null,
      timezone text not null,
      direction text not null check (direction in ('asc', 'desc')),
      only_those text check (only_those in ('missing', 'failed')),
      max_parallel int not null check (max_parallel between 1 and 100),
      params jsonb not null,
      trigger_id int references trigger on delete set null,
      priority smallint not null check (priority between 1 and 5),
      move_watermark boolean not null,
      intervals int not null,
      created_by text not null,
      created_at timestamptz not null default clock_timestamp(),
      changed_at timestamptz not null default clock_timestamp(),
      seen_at timestamptz,
      ended_at timestamptz,
      check (range_start < range_end)
    )`.execute(db);
  await sql`create index backfill_pipeline on backfill (pipeline_id, id desc)`.execute(db);
  await sql`create index backfill_open on backfill (pipeline_id) where ended_at is null`.execute(
    db,
  );

  await sql`
    create table backfill_interval (
      backfill_id int not null references backfill on delete cascade,
      nr int not null,
      interval_start timestamptz not null,
      interval_end timestamptz not null,
      state text not null default 'pending' check (state in ('pending', 'running', 'succeeded',
        'failed', 'cancelled', 'timed_out', 'terminated', 'skipped')),
      attempts smallint not null default 0,
      execution_id bigint references pipeline_execution on delete set null,
      error jsonb,
      primary key (backfill_id, nr),
      check (interval_start < interval_end)
    )`.execute(db);
  await sql`
    create index backfill_interval_execution on backfill_interval (execution_id)
      where execution_id is not null`.execute(db);

  // Names and numbers, not keys: it outlives what it tells of.
  await sql`
    create table backfill_change (
      id bigint generated always as identity primary key,
      backfill_id int not null,
      pipeline text not null,
      action text not null,
      actor text not null,
      details jsonb not null default '{}',
      changed_at timestamptz not null default clock_timestamp()
    )`.execute(db);
  await sql`
    create index backfill_change_backfill on backfill_change (backfill_id, id desc)`.execute(db);

  await sql`
    alter table pipeline_execution
      add backfill_id int references backfill on delete set null,
      add keep_watermark boolean not null default false`.execute(db);
  await sql`
    create index pipeline_execution_backfill on pipeline_execution (backfill_id, id desc)
      where backfill_id is not null`.execute(db);
  await sql`
    create index pipeline_execution_interval
      on pipeline_execution (pipeline_id, interval_start, interval_end, id desc)
      where interval_start is not null`.execute(db);
}
