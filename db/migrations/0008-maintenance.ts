import { sql, type Kysely } from 'kysely';

/** How long things are kept, what a clean-up did, and each day's sums for the report. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table pipeline
      add keep_runs_s bigint,
      add keep_logs_s bigint,
      add keep_artifacts_s bigint`.execute(db);

  await sql`
    create table clean_up (
      id bigint generated always as identity primary key,
      workflow_id text not null unique,
      dry_run boolean not null,
      started_at timestamptz not null default clock_timestamp(),
      finished_at timestamptz,
      removed jsonb not null default '{}',
      error text
    )`.execute(db);

  // Files are removed after the commit that gave them up, by a process that has the store.
  await sql`
    create table artifact_removal (
      id bigint generated always as identity primary key,
      execution_id bigint not null,
      uri text,
      asked_at timestamptz not null default clock_timestamp()
    )`.execute(db);
  await sql`create index artifact_age on artifact (created_at, uri)`.execute(db);

  // Lists of runs in a rare state, and the queue in its order; most runs have succeeded, and cost nothing here.
  await sql`drop index pipeline_execution_open`.execute(db);
  await sql`
    create index pipeline_execution_state on pipeline_execution (state, id)
      where state <> 'succeeded'`.execute(db);

  await letGoOfParents(db);
  await createDailySums(db);
}

/** A run may be older than those below it: they lose their parent, and stay. */
async function letGoOfParents(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table pipeline_execution
      drop constraint pipeline_execution_parent_id_fkey,
      add foreign key (parent_id) references pipeline_execution on delete set null`.execute(db);
  await sql`
    alter table block_run
      drop constraint block_run_child_execution_id_fkey,
      add foreign key (child_execution_id) references pipeline_execution on delete set null`.execute(
    db,
  );
  await sql`
    create index block_run_child on block_run (child_execution_id)
      where child_execution_id is not null`.execute(db);
  await sql`
    create index pipeline_execution_day on pipeline_execution (date_recorded, pipeline_id)`.execute(
    db,
  );
}

/**
 * Days of UTC that are over are summed up once; a change of one of their runs is noted beside, in rows
 * of its own, so that runs which end at the same time never wait for each other.
 */
async function createDailySums(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table pipeline_daily (
      date date not null,
      pipeline_id int not null references pipeline on delete cascade,
      executions int not null,
      failed int not null,
      anomalous int not null,
      inserts numeric not null,
      updates numeric not null,
      soft_deletes numeric not null,
      total_rows numeric not null,
      duration_seconds bigint not null,
      primary key (date, pipeline_id)
    )`.execute(db);
  await sql`create index pipeline_daily_pipeline on pipeline_daily (pipeline_id, date)`.execute(db);
  await sql`create table summed_day (date date primary key)`.execute(db);
  await sql`
    create table pipeline_daily_change (
      id bigint generated always as identity primary key,
      date date not null,
      pipeline_id int
    )`.execute(db);

  await sql`
    create function note_daily_change() returns trigger language plpgsql as $$
    begin
      insert into pipeline_daily_change (date, pipeline_id)
      select date, pipeline_id
      from (values (new.date_recorded, new.pipeline_id), (old.date_recorded, old.pipeline_id))
        as changed (date, pipeline_id)
      where date is not null group by date, pipeline_id;
      return null;
    end $$`.execute(db);
  await sql`
    create trigger pipeline_execution_late_start
      after insert on pipeline_execution for each row
      when (new.date_recorded < (now() at time zone 'utc')::date)
      execute function note_daily_change()`.execute(db);
  await sql`
    create trigger pipeline_execution_late_change
      after update on pipeline_execution for each row
      when (least(old.date_recorded, new.date_recorded) < (now() at time zone 'utc')::date
        and (old.date_recorded, old.completed_successfully, old.anomaly_flags, old.inserts,
          old.updates, old.soft_deletes, old.total_rows, old.duration_seconds)
          is distinct from (new.date_recorded, new.completed_successfully, new.anomaly_flags,
          new.inserts, new.updates, new.soft_deletes, new.total_rows, new.duration_seconds))
      execute function note_daily_change()`.execute(db);

  // A clean-up removes many at once: one row for the whole day.
  await sql`
    create function note_daily_removal() returns trigger language plpgsql as $$
    begin
      insert into pipeline_daily_change (date)
      select distinct date_recorded from removed
      where date_recorded < (now() at time zone 'utc')::date;
      return null;
    end $$`.execute(db);
  await sql`
    create trigger pipeline_execution_removal
      after delete on pipeline_execution referencing old table as removed
      for each statement execute function note_daily_removal()`.execute(db);
}
