import { Fault } from '../runtime/fault.ts';
import { isRecord } from '../runtime/json.ts';
import type { RunInput } from '../workflows/activities.ts';

const EXAMPLE = '{"params": {"month": "2001-01"}, "full_load": true}';
const KEYS: readonly string[] = [
  'executionId',
  'params',
  'full_load',
  'plan',
  'parent',
  'started',
] satisfies readonly (keyof RunInput)[];

/** What somebody gave Temporal directly is only known to be JSON; `request.invalid` says what it should be. */
export function checkInput(input: unknown): void {
  if (!isRecord(input)) throw refused('it must be an object');
  const unknown = Object.keys(input).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) throw refused(`nothing is called "${unknown}" there`);
  const { executionId = 1, params = {}, full_load = false, plan = '' } = input;
  const { started = {} } = input;
  if (!isRecord(params)) throw refused('"params" must be an object');
  if (typeof full_load !== 'boolean') throw refused('"full_load" must be true or false');
  if (!Number.isSafeInteger(executionId)) throw refused('"executionId" must be the id of a run');
  if (!isRecord(started)) throw refused('"started" must be an object');
  if (typeof plan !== 'string') throw refused('"plan" must be the hash of a plan');
}

function refused(problem: string): Fault {
  return new Fault(
    'request.invalid',
    `The input of a run is like ${EXAMPLE}, or is left out: ${problem}`,
  );
}
