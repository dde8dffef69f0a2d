import { sql, type Kysely } from 'kysely';

/** Tokens and rates of API triggers; events, what they matched, and the runs that they start. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table trigger_token (
      trigger_id int primary key references trigger on delete cascade,
      sha256 bytea not null,
      created_by text not null,
      created_at timestamptz not null default clock_timestamp()
    )`.execute(db);
  // The moment at which the bucket is full again says how full it is now.
  await sql`
    create table trigger_rate (
      trigger_id int primary key references trigger on delete cascade,
      full_at timestamptz not null
    )`.execute(db);

  // Whether it may wait for what happens in Highwater itself.
  await sql`
    alter table trigger add hears_highwater boolean not null generated always as (
      kind = 'event' and case when definition->'event'->>'type' is null
        then coalesce(definition->'event'->>'source', '') like 'highwater/pipelines/%'
        else definition->'event'->>'type' like 'highwater.%' end
    ) stored`.execute(db);
  await sql`
    create index trigger_hears_highwater on trigger (id)
      where hears_highwater and removed_at is null`.execute(db);

  await sql`
    create table event (
      id bigint generated always as identity primary key,
      source text not null,
      event_id text not null,
      type text not null,
      body jsonb not null,
      depth int not null default 0,
      received_at timestamptz not null default clock_timestamp(),
      matched_at timestamptz,
      unique (source, event_id)
    )`.execute(db);
  await sql`create index event_unmatched on event (id) where matched_at is null`.execute(db);
  await sql`create index event_received on event (received_at)`.execute(db);

  // What one run is started for. While it is open more events may join it.
  await sql`
    create table event_group (
      id bigint generated always as identity primary key,
      trigger_id int not null references trigger on delete cascade,
      key text not null,
      state text not null default 'waiting' check (state in ('waiting', 'started', 'skipped', 'dead')),
      open boolean not null,
      events int not null,
      depth int not null,
      due_at timestamptz not null,
      latest_at timestamptz not null,
      claimed_until timestamptz,
      execution_id bigint references pipeline_execution on delete set null,
      reason jsonb,
      created_at timestamptz not null default clock_timestamp(),
      closed_at timestamptz,
      check (state = 'waiting' or not open)
    )`.execute(db);
  await sql`
    create unique index event_group_open on event_group (trigger_id, key) where open`.execute(db);
  await sql`
    create index event_group_execution on event_group (execution_id)
      where execution_id is not null`.execute(db);
  await sql`create index event_group_due on event_group (due_at) where state = 'waiting'`.execute(
    db,
  );

  await sql`
    create table event_match (
      id bigint generated always as identity primary key,
      event_id bigint not null references event on delete cascade,
      trigger_id int not null references trigger on delete cascade,
      state text not null check (state in ('grouped', 'duplicate', 'skipped', 'dead')),
      group_id bigint references event_group on delete cascade,
      reason jsonb,
      matched_at timestamptz not null default clock_timestamp(),
      check ((state = 'grouped') = (group_id is not null))
    )`.execute(db);
  await sql`create index event_match_event on event_match (event_id)`.execute(db);
  await sql`create index event_match_group on event_match (group_id, id)`.execute(db);
  await sql`create index event_match_trigger on event_match (trigger_id)`.execute(db);

  // As long as the first event is kept, another one with the same value starts nothing.
  await sql`
    create table event_dedup (
      trigger_id int not null references trigger on delete cascade,
      value text not null,
      event_id bigint not null references event on delete cascade,
      primary key (trigger_id, value)
    )`.execute(db);
  await sql`create index event_dedup_event on event_dedup (event_id)`.execute(db);

  await sql`
    create table seen_file (
      folder text not null,
      path text not null,
      stamp text not null,
      seen_at timestamptz not null default clock_timestamp(),
      primary key (folder, path)
    )`.execute(db);
}
