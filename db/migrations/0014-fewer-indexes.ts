import { sql, type Kysely } from 'kysely';

/** Every execution is written twice, and each time into every index: those that no question needs go. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`drop index pipeline_execution_start`.execute(db);
  // The primary key finds the descendants of an execution as well.
  await sql`drop index pipeline_execution_closure_depth`.execute(db);
  // Most executions have no key.
  await sql`
    alter table pipeline_execution
      drop constraint pipeline_execution_pipeline_id_idempotency_key_key`.execute(db);
  await sql`
    create unique index pipeline_execution_idempotency_key
      on pipeline_execution (pipeline_id, idempotency_key)
      where idempotency_key is not null`.execute(db);
}
