import type { ParamSpec } from '../api/contract/pipeline.ts';
import { parseParam } from '../plan/params.ts';
import { Fault } from '../runtime/fault.ts';
import type { Json } from '../runtime/json.ts';

/** For an option that may be given again and again. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** Values of `-p name=value`, by the types of a pipeline's params. */
export function parseParams(
  given: readonly string[],
  specs: Readonly<Record<string, ParamSpec>>,
): Record<string, Json> {
  return Object.fromEntries(
    given.map((text): [string, Json] => {
      const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
      if (name === undefined || value === undefined) {
        throw new Fault('request.invalid', `-p ${text}: write it as name=value`);
      }
      return [name, parseParam(Object.hasOwn(specs, name) ? specs[name] : undefined, value)];
    }),
  );
}
