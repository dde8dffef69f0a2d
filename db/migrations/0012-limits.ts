import { sql, type Kysely } from 'kysely';

/** Limits on the runs of a pipeline, pools that pipelines share, and what a block that waits has seen so far. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Null: its pipeline has no limit. Otherwise the value that the limit holds for, and how many may run.
  await sql`
    alter table pipeline_execution
      add limit_key text,
      add limit_runs int,
      add constraint pipeline_execution_limit_whole
        check ((limit_key is null) = (limit_runs is null))`.execute(db);
  await sql`
    create index pipeline_execution_limit on pipeline_execution (pipeline_id, limit_key, state)
      where limit_key is not null and state in ('queued', 'running')`.execute(db);

  await sql`
    create table pool (
      name text primary key,
      project text not null,
      slots int not null check (slots > 0),
      removed_at timestamptz
    )`.execute(db);

  // Without granted_at it waits for its turn; it holds its slots until expires_at, and renews that.
  await sql`
    create table pool_lease (
      execution_id bigint not null references pipeline_execution on delete cascade,
      block text not null,
      attempt int not null,
      pool text not null references pool,
      slots int not null check (slots > 0),
      priority smallint not null,
      holder text,
      asked_at timestamptz not null default clock_timestamp(),
      granted_at timestamptz,
      expires_at timestamptz,
      primary key (execution_id, block),
      check ((granted_at is null) = (expires_at is null))
    )`.execute(db);
  await sql`create index pool_lease_pool on pool_lease (pool, priority, asked_at)`.execute(db);

  await sql`alter table block_run add checks int, add reason jsonb`.execute(db);
}
