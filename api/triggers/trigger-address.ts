import type { Request } from 'express';
import type { TriggerAddress } from '../../db/triggers/api-triggers.ts';
import { Fault } from '../../runtime/fault.ts';

const LARGEST_ID = 2 ** 31 - 1;
const NAME = /^[a-z][a-z0-9_]{0,62}$/;

/** The two paths of something that a trigger has: by its id, and by its name in its pipeline. */
export function pathsOf(what: string): string[] {
  return [`/triggers/:id/${what}`, `/triggers/:pipeline/:name/${what}`];
}

/** Fails with `trigger.not_found` for what can't be an id. */
export function addressIn({ params }: Pick<Request, 'params'>): TriggerAddress {
  const { id, pipeline, name } = params as Readonly<Record<string, string | undefined>>;
  if (pipeline !== undefined && name !== undefined) {
    if (NAME.test(pipeline) && NAME.test(name)) return { pipeline, name };
    throw new Fault('trigger.not_found', `There is no trigger ${name} of a pipeline ${pipeline}`);
  }
  const number = /^[1-9]\d{0,9}$/.test(id ?? '') ? Number(id) : Infinity;
  if (number <= LARGEST_ID) return { id: number };
  const message = `There is no trigger ${id ?? ''}: write its number, or pipeline/name`;
  throw new Fault('trigger.not_found', message);
}
