import { sql, type Kysely } from 'kysely';

/** Open notices that a mute kept from everyone are looked for again and again: when it ends they are told. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // What a mute kept from everyone that ended before anybody looked for its end stays untold.
  await sql`
    update notice n set untold = 'repeated'
    where n.recovered_at is null and n.untold = 'muted' and not exists (
      select from notice_mute m
      where m.lifted_at is null and (m.until is null or m.until > clock_timestamp())
        and (m.pipeline_id is null or m.pipeline_id = n.pipeline_id)
        and (m.kind is null or m.kind = n.kind)
    )`.execute(db);
  await sql`
    create index notice_muted on notice (id)
      where recovered_at is null and untold = 'muted'`.execute(db);
}
