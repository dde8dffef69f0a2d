import * as z from 'zod';

const NAME = /^[a-z][a-z0-9_]{0,62}$/;

/** Names that Temporal would resolve to another function, or JavaScript to an inherited property. */
const RESERVED: ReadonlySet<string> = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  'default',
  'prototype',
  'openRun',
  'loadRoute',
  'closeRun',
  'takeSlots',
  'checkDeadlines',
  'cleanUp',
  'driveBackfill',
  'highwater_backfill',
  'highwater_maintenance',
  'highwater_watch',
]);

/** A key that names something. `checkNames` checks them, so that the values below a bad one are read too. */
export const Key = z.string().meta({ pattern: NAME.source });

/** Says why this can't be a name, or null when it can. */
export function nameProblem(name: string): { code: string; message: string } | null {
  if (RESERVED.has(name)) {
    return { code: 'name.reserved', message: `"${name}" is a reserved name: choose another` };
  }
  if (NAME.test(name)) return null;
  return {
    code: 'name.invalid',
    message: `"${name}" can't be a name: start with a small letter, then small letters, digits and _, at most 63 in all`,
  };
}
