import { sql, type Kysely } from 'kysely';

/** Whether data are new and runs end in time: Watcher's logs, how each pipeline stands, and the watch over it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createLogs(db);
  await createStandings(db);
  await createWatch(db);
}

async function createLogs(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table freshness_pipeline_log (
      id bigint generated always as identity primary key,
      pipeline_id int not null references pipeline on delete cascade,
      last_dml_timestamp timestamptz not null,
      evaluation_timestamp timestamptz not null,
      freshness_number int not null,
      freshness_datepart text not null,
      used_child_config boolean not null,
      created_at timestamptz not null default clock_timestamp(),
      unique (last_dml_timestamp, pipeline_id)
    )`.execute(db);
  await sql`
    create index freshness_pipeline_log_pipeline
      on freshness_pipeline_log (pipeline_id, id desc)`.execute(db);

  await sql`
    create table timeliness_pipeline_execution_log (
      pipeline_execution_id bigint primary key references pipeline_execution on delete cascade,
      pipeline_id int not null references pipeline on delete cascade,
      duration_seconds bigint not null,
      seconds_threshold bigint not null,
      execution_status text not null check (execution_status in ('running', 'completed')),
      timely_number int not null,
      timely_datepart text not null,
      used_child_config boolean not null,
      created_at timestamptz not null default clock_timestamp()
    )`.execute(db);
  await sql`
    create index timeliness_pipeline_execution_log_pipeline
      on timeliness_pipeline_execution_log (pipeline_id, pipeline_execution_id desc)`.execute(db);
}

async function createStandings(db: Kysely<unknown>): Promise<void> {
  // A run may be cleaned up before what it once caused: no reference.
  await sql`
    create table pipeline_standing (
      id bigint generated always as identity primary key,
      pipeline_id int not null references pipeline on delete cascade,
      aspect text not null check (aspect in ('freshness', 'timeliness')),
      state text not null,
      reason text not null,
      since timestamptz not null,
      until timestamptz,
      execution_id bigint,
      announced text,
      recorded_at timestamptz not null default clock_timestamp()
    )`.execute(db);
  await sql`
    create unique index pipeline_standing_now on pipeline_standing (pipeline_id, aspect)
      where until is null`.execute(db);
  await sql`
    create index pipeline_standing_late on pipeline_standing (pipeline_id)
      where until is null and state = 'late'`.execute(db);
  await sql`
    create index pipeline_standing_history on pipeline_standing (pipeline_id, aspect, id desc)`.execute(
    db,
  );

  // Late runs that somebody was told of, until the pipeline succeeds again.
  await sql`
    create table late_run (
      execution_id bigint primary key,
      pipeline_id int not null references pipeline on delete cascade,
      ended boolean not null,
      noticed_at timestamptz not null default clock_timestamp()
    )`.execute(db);
  await sql`create index late_run_pipeline on late_run (pipeline_id, execution_id)`.execute(db);

  await sql`alter table pipeline_execution add late_since timestamptz`.execute(db);
  await sql`
    create index pipeline_execution_in_time on pipeline_execution (pipeline_id, start_date)
      where state = 'running' and late_since is null`.execute(db);
  await sql`
    create index pipeline_execution_long on pipeline_execution (start_date)
      where completed_successfully and duration_seconds >= 60`.execute(db);
}

async function createWatch(db: Kysely<unknown>): Promise<void> {
  // Ends that may have been late, or that may end a lateness; each is looked at once.
  await sql`create table deadline_queue (execution_id bigint primary key)`.execute(db);

  await sql`
    create table watch (
      one boolean primary key default true check (one),
      wakes_at timestamptz not null default 'infinity',
      checked_at timestamptz
    )`.execute(db);
  await sql`insert into watch default values`.execute(db);
  // Of those who wait for each other's row here, only the first finds it asleep.
  await sql`
    create function wake_watch(at timestamptz) returns void language sql as $$
      with woken as (
        update watch set wakes_at = at where wakes_at > greatest(at, clock_timestamp()) returning one
      )
      select pg_notify('highwater_watch', '') from woken
    $$`.execute(db);
  await sql`
    create function wake_watch_now() returns trigger language plpgsql as $$
    begin
      perform wake_watch(clock_timestamp());
      return null;
    end $$`.execute(db);
  await wakeOnChange(db, 'pipeline', 'active', 'pipeline_type_id', ...PROMISES);
  await wakeOnChange(db, 'pipeline_type', ...PROMISES);
  await sql`
    create table watch_gap (
      id bigint generated always as identity primary key,
      since timestamptz not null,
      until timestamptz not null
    )`.execute(db);
}

const PROMISES = [
  ...['freshness_number', 'freshness_datepart', 'mute_freshness_check'],
  ...['timeliness_number', 'timeliness_datepart', 'mute_timeliness_check'],
];

/** Whoever changes what is promised, the watch plans anew; all other changes cost nothing. */
async function wakeOnChange(
  db: Kysely<unknown>,
  table: string,
  ...names: readonly string[]
): Promise<void> {
  const row = (which: 'old' | 'new') => sql.join(names.map((name) => sql.ref(`${which}.${name}`)));
  await sql`
    create trigger ${sql.ref(`${table}_promises`)}
      after update of ${sql.join(names.map((name) => sql.ref(name)))} on ${sql.table(table)}
      for each row when ((${row('old')}) is distinct from (${row('new')}))
      execute function wake_watch_now()`.execute(db);
}
