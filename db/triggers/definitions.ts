import type { PlannedTrigger } from '../../plan/plan.ts';
import type { Db } from '../database.ts';

/** What a trigger's row says of it; undefined: there is no such row. */
export async function findDefinition(db: Db, id: number): Promise<PlannedTrigger | undefined> {
  const row = await db
    .selectFrom('trigger')
    .select('definition')
    .where('id', '=', id)
    .executeTakeFirst();
  return row?.definition as unknown as PlannedTrigger | undefined;
}
