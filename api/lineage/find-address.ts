import { findAddress } from '../../db/lineage/addresses.ts';
import type { Db } from '../../db/database.ts';
import { searchAddress } from '../../db/lineage/graph.ts';
import { Fault } from '../../runtime/fault.ts';

const SHOWN = 10;

export interface NamedAddress {
  readonly id: number;
  readonly name: string;
}

/** The address that a person means; `address.not_found`, or `request.invalid` when it may be one of several. */
export async function getAddress(db: Db, text: string): Promise<NamedAddress> {
  const byId = /^[1-9]\d{0,8}$/.test(text)
    ? await findAddress(db, { id: Number(text) })
    : undefined;
  if (byId) return byId;
  const found = await searchAddress(db, text, SHOWN);
  const [only] = found;
  if (only && found.length === 1) return only;
  if (!only) {
    const message = `No address ${text}: addresses are known from pipelines that read or write them`;
    throw new Fault('address.not_found', message);
  }
  const names = found.map(({ name }) => name);
  const message = `${text} may be ${names.join(', ')}${found.length === SHOWN ? ', …' : ''}: write more of its name`;
  throw new Fault('request.invalid', message, { errors: names.map((name) => ({ name })) });
}
