import { sql, type Kysely } from 'kysely';

/** A notice may end though nothing has recovered: nothing is expected of its pipeline any more. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const table of ['raised_notice', 'notice']) {
    await sql`
      alter table ${sql.table(table)} add column closed_because text
        check (closed_because in ('removed', 'inactive'))`.execute(db);
  }
  await sql`
    alter table notice_delivery
      drop constraint notice_delivery_event_check,
      add check (event in ('opened', 'repeated', 'recovered', 'closed'))`.execute(db);

  // What is asked for after a pipeline was switched off is somebody's own wish, wherever that was said.
  await sql`alter table pipeline add column deactivated_at timestamptz`.execute(db);
  await sql`update pipeline set deactivated_at = now() where not active`.execute(db);
  await sql`
    create function note_deactivation() returns trigger language plpgsql as $$
    begin
      if new.active then new.deactivated_at := null;
      elsif new.deactivated_at is null then new.deactivated_at := clock_timestamp();
      end if;
      return new;
    end $$`.execute(db);
  await sql`
    create trigger pipeline_deactivation
      before insert or update of active on pipeline for each row
      execute function note_deactivation()`.execute(db);
}
