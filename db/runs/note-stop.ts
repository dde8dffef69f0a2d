import { sql } from 'kysely';
import type { Reason } from '../../metadata/limits/admission.ts';
import { postgresJson } from '../../runtime/json.ts';
import type { Db } from '../database.ts';

/** Puts on record who asked a run to stop: the first one, and nobody where it gave way to a newer run. */
export async function noteStop(db: Db, id: number, actor: string): Promise<void> {
  const reason: Reason = { code: 'cancelled', message: `asked to stop by ${actor}` };
  await sql`
    update pipeline_execution set reason = ${postgresJson(reason)}::jsonb
    where id = ${id} and state in ('queued', 'running', 'cancelled')
      and (reason is null or reason->>'code' = 'limit')`.execute(db);
}
