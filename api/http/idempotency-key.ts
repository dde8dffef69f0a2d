import type { Request } from 'express';
import { Fault } from '../../runtime/fault.ts';

const KEY = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/;

/** The caller's `Idempotency-Key`; undefined when there is none. */
export function keyOf(request: Pick<Request, 'get'>): string | undefined {
  const key = request.get('Idempotency-Key');
  if (key === undefined || KEY.test(key)) return key;
  throw new Fault('request.invalid', 'Idempotency-Key: send 1 to 255 printable ASCII characters');
}
