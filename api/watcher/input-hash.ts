import { hashOf } from '../../plan/hash.ts';

const LENGTH = 20;

/**
 * Tells one declaration from another: the same fields with the same values have the same hash, in every
 * process and after every restart.
 */
export function inputHash(fields: object): string {
  return hashOf(fields).slice(0, LENGTH);
}
