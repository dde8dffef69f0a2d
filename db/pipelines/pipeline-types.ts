import { sql, type Insertable, type Updateable } from 'kysely';
import type { Db } from '../database.ts';
import type { PipelineType } from '../schema.generated.ts';

/** A record, by its id or by its name. */
export type Named = { readonly id: number } | { readonly name: string };

const COLUMNS = [
  ...(['id', 'name', 'freshness_number', 'freshness_datepart', 'mute_freshness_check'] as const),
  ...(['timeliness_number', 'timeliness_datepart', 'mute_timeliness_check'] as const),
  ...(['created_at', 'updated_at'] as const),
];

/** Whoever comes first makes it; its settings count then only. */
export async function findOrAddPipelineType(
  db: Db,
  type: Insertable<PipelineType>,
): Promise<{ readonly id: number; readonly created: boolean }> {
  const find = db.selectFrom('pipeline_type').select('id').where('name', '=', type.name);
  const found = await find.executeTakeFirst();
  if (found) return { id: found.id, created: false };
  const added = await db
    .insertInto('pipeline_type')
    .values(type)
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returning('id')
    .executeTakeFirst();
  // Neither: another caller made it just now. Whoever renames it then leaves the name free again.
  return added ? { id: added.id, created: true } : findOrAddPipelineType(db, type);
}

export async function listPipelineTypes(db: Db) {
  return db.selectFrom('pipeline_type').select(COLUMNS).orderBy('id').execute();
}

export async function findPipelineType(db: Db, id: number) {
  return db.selectFrom('pipeline_type').select(COLUMNS).where('id', '=', id).executeTakeFirst();
}

/** Undefined: there is none. A taken name is refused by its constraint. */
export async function changePipelineType(db: Db, which: Named, patch: Updateable<PipelineType>) {
  return db
    .updateTable('pipeline_type')
    .set({ ...patch, updated_at: sql`now()` })
    .$if('id' in which, (query) => query.where('id', '=', 'id' in which ? which.id : 0))
    .$if('name' in which, (query) => query.where('name', '=', 'name' in which ? which.name : ''))
    .returning(COLUMNS)
    .executeTakeFirst();
}
