import { sql, type Kysely } from 'kysely';

/**
 * Every change of a watermark, also those that were refused; which file defines a pipeline; and what a
 * reported execution found when it began. `watermark_change` outlives the executions that it names.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table watermark_change (
      id bigint generated always as identity primary key,
      pipeline_id int not null references pipeline on delete cascade,
      execution_id bigint,
      kind text not null check (kind in ('run', 'full_load', 'reported', 'set')),
      moved boolean not null,
      from_value varchar(50),
      to_value varchar(50),
      type text,
      actor varchar(150) not null,
      reason text not null,
      changed_at timestamptz not null default clock_timestamp()
    )`.execute(db);
  await sql`
    create index watermark_change_pipeline on watermark_change (pipeline_id, id desc)`.execute(db);
  await sql`
    create unique index watermark_change_refused
      on watermark_change (execution_id, to_value) where not moved`.execute(db);

  await sql`
    alter table pipeline
      add watermark_set_at timestamptz,
      add project varchar(150),
      add defined_at timestamptz,
      add removed_at timestamptz,
      add taken_over_at timestamptz,
      add taken_over_from jsonb`.execute(db);
  await sql`update pipeline set defined_at = created_at where current_version is not null`.execute(
    db,
  );

  await sql`
    alter table pipeline_execution
      add pipeline_watermark varchar(50),
      add pipeline_next_watermark varchar(50)`.execute(db);
}
