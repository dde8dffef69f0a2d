import type { Db } from '../database.ts';

/** How often a sensor has looked. */
export async function countChecks(db: Db, executionId: number, block: string): Promise<number> {
  const row = await db
    .selectFrom('block_run')
    .select('checks')
    .where('execution_id', '=', executionId)
    .where('block', '=', block)
    .where('attempt', '=', 1)
    .executeTakeFirst();
  return row?.checks ?? 0;
}
