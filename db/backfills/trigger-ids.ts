import type { Db } from '../database.ts';

/** The number of a trigger that its pipeline's file still names. */
export async function findTriggerId(
  db: Db,
  pipelineId: number,
  name: string,
): Promise<number | undefined> {
  const row = await db
    .selectFrom('trigger')
    .select('id')
    .where('pipeline_id', '=', pipelineId)
    .where('name', '=', name)
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  return row?.id;
}
