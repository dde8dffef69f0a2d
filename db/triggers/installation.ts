import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Db } from '../database.ts';

const BYTES = 4;

/**
 * What tells this database from others that share a Temporal: 8 hexadecimal digits, made when they are first
 * asked for.
 */
export async function installationId(db: Db): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    with made as (
      insert into installation (id) values (${randomBytes(BYTES).toString('hex')})
      on conflict do nothing returning id
    )
    select id from made union all select id from installation limit 1`.execute(db);
  const [row] = rows;
  return row ? row.id : installationId(db);
}
