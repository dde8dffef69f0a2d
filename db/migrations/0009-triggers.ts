import { sql, type Kysely } from 'kysely';

/** What makes pipelines run by itself, and what a run knows of why and for when it was asked for. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table trigger (
      id int generated always as identity primary key,
      pipeline_id int not null references pipeline on delete cascade,
      name text not null,
      kind text not null check (kind in ('schedule', 'api', 'event')),
      definition jsonb not null,
      hash text not null,
      paused boolean not null default false,
      note text,
      created_at timestamptz not null default clock_timestamp(),
      updated_at timestamptz not null default clock_timestamp(),
      removed_at timestamptz,
      unique (pipeline_id, name)
    )`.execute(db);

  // Names, not keys: it outlives what it tells of.
  await sql`
    create table trigger_change (
      id bigint generated always as identity primary key,
      pipeline text not null,
      trigger text not null,
      action text not null,
      actor text not null,
      details jsonb not null default '{}',
      changed_at timestamptz not null default clock_timestamp()
    )`.execute(db);
  await sql`
    create index trigger_change_trigger on trigger_change (pipeline, trigger, id desc)`.execute(db);

  await sql`
    alter table pipeline_execution
      add trigger_id int references trigger on delete set null,
      add scheduled_at timestamptz,
      add interval_start timestamptz,
      add interval_end timestamptz,
      add priority smallint not null default 3 check (priority between 1 and 5),
      add reason jsonb,
      add constraint pipeline_execution_interval check (interval_start < interval_end)`.execute(db);
  await sql`
    create index pipeline_execution_trigger on pipeline_execution (trigger_id, id desc)
      where trigger_id is not null`.execute(db);
}
