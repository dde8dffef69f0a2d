import { sql, type Kysely } from 'kysely';

/** Runs that OpenLineage tells of wait for parents that nobody has told of; edges know the run that they are of. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table open_lineage_run add column parent_run_id uuid`.execute(db);
  await sql`
    create index open_lineage_run_parent on open_lineage_run (parent_run_id)
      where parent_run_id is not null`.execute(db);

  // No reference, which would slow down every deletion of a run: what it names may be gone.
  await sql`alter table pipeline add column lineage_execution_id bigint`.execute(db);
}
