import { sql } from 'kysely';
import { hashOf } from '../../plan/hash.ts';
import { postgresJson, type JsonObject } from '../../runtime/json.ts';
import { ensureAddressType } from './address-types.ts';
import type { Db } from '../database.ts';
import { LOCKS } from '../locks.ts';

/** A place where data live, as somebody tells of it. What is left out stays as it is. */
export interface AddressInput {
  readonly name: string;
  readonly address_type_name: string;
  readonly address_type_group_name: string;
  readonly database_name?: string | null | undefined;
  readonly schema_name?: string | null | undefined;
  readonly table_name?: string | null | undefined;
  readonly primary_key?: string | null | undefined;
  readonly address_metadata?: object | null | undefined;
}

export interface SavedAddress {
  readonly id: number;
  readonly created: boolean;
}

export interface AddressRow {
  readonly id: number;
  readonly name: string;
  readonly address_type_id: number;
  readonly database_name: string | null;
  readonly schema_name: string | null;
  readonly table_name: string | null;
  readonly primary_key: string | null;
  readonly address_metadata: JsonObject | null;
  readonly input_hash: string | null;
  readonly created_at: Date;
  readonly updated_at: Date | null;
}

export interface AddressChange extends Partial<
  Omit<AddressInput, 'address_type_name' | 'address_type_group_name'>
> {
  readonly address_type_id?: number;
}

const HASH_LENGTH = 20;

/**
 * Adds an address, or brings it up to what is told of it now: told the same again, nothing is written.
 * No two rows are ever locked at once, so that callers can't wait for each other in a circle.
 */
export async function saveAddress(db: Db, input: AddressInput): Promise<SavedAddress> {
  const hash = hashOf(input).slice(0, HASH_LENGTH);
  const known = await findHash(db, input.name);
  if (known?.input_hash === hash) return { id: known.id, created: false };
  const type = { name: input.address_type_name, group_name: input.address_type_group_name };
  const { id: typeId } = await ensureAddressType(db, type);
  const told = { ...fieldsOf(input), address_type_id: typeId, input_hash: hash };
  const added = known
    ? undefined
    : await db
        .insertInto('address')
        .values({ ...told, name: input.name })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .returning('id')
        .executeTakeFirst();
  if (added) return { id: added.id, created: true };
  await db
    .updateTable('address')
    .set({ ...told, updated_at: sql`now()` })
    .where('name', '=', input.name)
    .where('input_hash', 'is distinct from', hash)
    .execute();
  const { id } = known ?? (await findHash(db, input.name)) ?? {};
  // Renamed meanwhile: the name is free again.
  return id === undefined ? saveAddress(db, input) : { id, created: false };
}

function findHash(db: Db, name: string) {
  return db
    .selectFrom('address')
    .select(['id', 'input_hash'])
    .where('name', '=', name)
    .executeTakeFirst();
}

/** `database.schema.table` tells its parts itself. */
function fieldsOf(input: AddressInput) {
  const { name, address_type_name: _type, address_type_group_name: group, ...fields } = input;
  const { address_metadata: metadata, ...texts } = fields;
  const [database_name, schema_name, table_name, ...more] = name.split('.');
  const isTable = group === 'database' && table_name !== undefined && more.length === 0;
  return {
    ...texts,
    ...(metadata !== undefined && { address_metadata: metadata && postgresJson(metadata) }),
    ...(isTable && { database_name, schema_name, table_name }),
  };
}

export function listAddresses(db: Db): Promise<AddressRow[]> {
  return rows(db).orderBy('id').execute() as Promise<AddressRow[]>;
}

export async function findAddress(
  db: Db,
  by: { readonly id: number } | { readonly name: string },
): Promise<AddressRow | undefined> {
  const row = await rows(db)
    .$if('id' in by, (query) => query.where('id', '=', 'id' in by ? by.id : 0))
    .$if('name' in by, (query) => query.where('name', '=', 'name' in by ? by.name : ''))
    .executeTakeFirst();
  return row as AddressRow | undefined;
}

/** Undefined: there is no such address. */
export function changeAddress(
  db: Db,
  id: number,
  { address_metadata, ...change }: AddressChange,
): Promise<AddressRow | undefined> {
  return db.transaction().execute(async (tx) => {
    // Two that take each other's name would each wait for the other.
    await sql`select pg_advisory_xact_lock(${LOCKS.addressNames})`.execute(tx);
    const row = await tx
      .updateTable('address')
      .set({
        ...change,
        ...(address_metadata !== undefined && {
          address_metadata: address_metadata && postgresJson(address_metadata),
        }),
        updated_at: sql`now()`,
      })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst();
    return row as AddressRow | undefined;
  });
}

function rows(db: Db) {
  return db.selectFrom('address').selectAll();
}
