import { sql, type Kysely } from 'kysely';

/** Executions that run elsewhere and are reported: no workflow stands behind them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table pipeline_execution
      alter workflow_id drop not null,
      alter duration_seconds type bigint,
      alter throughput type numeric(24, 4),
      add constraint pipeline_execution_reported
        check (workflow_id is not null or trigger_kind = 'reported'),
      add constraint pipeline_execution_end_after_start check (end_date > start_date)`.execute(db);

  await sql`drop index pipeline_execution_workflow`.execute(db);
  await sql`
    create unique index pipeline_execution_workflow
      on pipeline_execution (workflow_id, coalesce(temporal_run_id, ''))
      where workflow_id is not null`.execute(db);

  // Watcher's own: what began lately, and what ended at the same hour of the day.
  await sql`
    create index pipeline_execution_start on pipeline_execution (start_date) include (id)`.execute(
    db,
  );
  await sql`
    create index pipeline_execution_hour on pipeline_execution (pipeline_id, hour_recorded, end_date)
      include (completed_successfully, id) where end_date is not null`.execute(db);
  await sql`
    create index pipeline_execution_closure_depth
      on pipeline_execution_closure (parent_execution_id, depth) include (child_execution_id)`.execute(
    db,
  );
}
