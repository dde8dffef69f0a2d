import type { InsertObject } from 'kysely';
import { insertDefaultRules } from '../anomalies/rules.ts';
import type { Db } from '../database.ts';
import type { DB } from '../schema.generated.ts';

export interface AddedPipeline {
  readonly id: number;
  readonly active: boolean;
  readonly load_lineage: boolean;
}

/**
 * Makes a pipeline's row, whoever names it first: a file, a client or an event of another tool. With
 * `autoRules` it is checked for anomalies from the start. Undefined: somebody else was quicker.
 */
export async function addPipeline(
  tx: Db,
  row: InsertObject<DB, 'pipeline'>,
  autoRules: boolean,
): Promise<AddedPipeline | undefined> {
  const added = await tx
    .insertInto('pipeline')
    .values(row)
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returning(['id', 'active', 'load_lineage'])
    .executeTakeFirst();
  if (added && autoRules) await insertDefaultRules(tx, added.id);
  return added;
}
