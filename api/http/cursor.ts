import { Fault } from '../../runtime/fault.ts';

const VERSION = 'r1';

/** Where the page after this run begins; opaque to callers. */
export function toCursor(lastId: number): string {
  return Buffer.from(`${VERSION}:${lastId}`).toString('base64url');
}

export function fromCursor(cursor: string): number {
  const [version, id = ''] = Buffer.from(cursor, 'base64url').toString().split(':');
  if (version === VERSION && /^\d{1,15}$/.test(id)) return Number(id);
  throw new Fault('request.invalid', 'query.cursor: not one of ours; begin again without it');
}
