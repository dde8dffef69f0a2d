import { sql, type Kysely } from 'kysely';

/** Pools are their project's: two projects may each have one of the same name. What is done to them is on record. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table pool_lease add pool_id int`.execute(db);
  await sql`alter table pool_lease drop constraint pool_lease_pool_fkey`.execute(db);
  await sql`
    alter table pool
      drop constraint pool_pkey,
      add id int generated always as identity primary key,
      add unique (project, name)`.execute(db);
  await sql`update pool_lease l set pool_id = p.id from pool p where p.name = l.pool`.execute(db);
  await sql`
    alter table pool_lease
      alter pool_id set not null,
      add foreign key (pool_id) references pool,
      drop pool`.execute(db);
  await sql`
    create index pool_lease_pool on pool_lease (pool_id, priority, asked_at)`.execute(db);

  // Names, not keys: it outlives what it tells of.
  await sql`
    create table pool_change (
      id bigint generated always as identity primary key,
      project text not null,
      pool text not null,
      action text not null,
      actor text not null,
      details jsonb not null default '{}',
      changed_at timestamptz not null default clock_timestamp()
    )`.execute(db);
}
