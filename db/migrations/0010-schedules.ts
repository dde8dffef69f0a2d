import { sql, type Kysely } from 'kysely';

/** What Temporal was told of schedules, and which definitions can't be used. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Filled when it is first asked for: a copy of an empty database is a database of its own.
  await sql`
    create table installation (
      only_one boolean primary key default true check (only_one),
      id text not null
    )`.execute(db);

  await sql`
    alter table trigger
      add deployed_hash text,
      add deployed_at timestamptz,
      add caught_up_to timestamptz,
      add failures_from timestamptz not null default clock_timestamp()`.execute(db);

  await sql`
    create table definition_error (
      id bigint generated always as identity primary key,
      project text not null,
      pipeline text not null,
      file text not null,
      line int not null,
      "column" int not null,
      code text not null,
      message text not null,
      excerpt text not null,
      found_at timestamptz not null default clock_timestamp()
    )`.execute(db);
  await sql`
    create index definition_error_pipeline on definition_error (project, pipeline)`.execute(db);
}
