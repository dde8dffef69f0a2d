import { sql } from 'kysely';
import type { Db } from '../database.ts';

/** A kind of place, such as `postgres` in the group `database`. */
export interface AddressTypeRow {
  readonly id: number;
  readonly name: string;
  readonly group_name: string;
  readonly created_at: Date;
  readonly updated_at: Date | null;
}

export interface AddressTypeChange {
  readonly name?: string | null | undefined;
  readonly group_name?: string | null | undefined;
}

/** Finds a type by its name alone, or adds it. */
export async function ensureAddressType(
  db: Db,
  type: Pick<AddressTypeRow, 'name' | 'group_name'>,
): Promise<{ id: number; created: boolean }> {
  const found = await findAddressType(db, { name: type.name });
  if (found) return { id: found.id, created: false };
  const added = await db
    .insertInto('address_type')
    .values(type)
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returning('id')
    .executeTakeFirst();
  // Neither: another caller made it just now. Whoever renames it then leaves the name free again.
  return added ? { id: added.id, created: true } : ensureAddressType(db, type);
}

export function listAddressTypes(db: Db): Promise<AddressTypeRow[]> {
  return db.selectFrom('address_type').selectAll().orderBy('id').execute();
}

export function findAddressType(
  db: Db,
  by: { readonly id: number } | { readonly name: string },
): Promise<AddressTypeRow | undefined> {
  return db
    .selectFrom('address_type')
    .selectAll()
    .$if('id' in by, (query) => query.where('id', '=', 'id' in by ? by.id : 0))
    .$if('name' in by, (query) => query.where('name', '=', 'name' in by ? by.name : ''))
    .executeTakeFirst();
}

/** Undefined: there is no such type. */
export function changeAddressType(
  db: Db,
  id: number,
  change: AddressTypeChange,
): Promise<AddressTypeRow | undefined> {
  return db
    .updateTable('address_type')
    .set({ ...(change as object), updated_at: sql`now()` })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
}
