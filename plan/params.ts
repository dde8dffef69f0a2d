import { paramValueProblem } from '../pipeline/param-value.ts';
import { didYouMean } from '../pipeline/did-you-mean.ts';
import { Fault } from '../runtime/fault.ts';
import type { Json, JsonObject } from '../runtime/json.ts';
import type { ParamSpec } from './plan.ts';

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

type Specs = Readonly<Record<string, ParamSpec>>;

/**
 * The params of a run: what was given, and defaults for the rest. A param that may be left out is null
 * then. Throws one `params.invalid` that names everything that is wrong; its `errors` are
 * `{param, message}`.
 */
export function resolveParams(specs: Specs, given: JsonObject): JsonObject {
  const names = Object.keys(specs);
  const problems = Object.keys(given)
    .filter((name) => !Object.hasOwn(specs, name))
    .map((name) => ({ param: name, message: unknown(name, names) }));

  const resolved: [string, Json][] = [];
  for (const [name, spec] of Object.entries(specs)) {
    const value = Object.hasOwn(given, name) ? given[name] : spec.default;
    const problem = problemOf(spec, value);
    if (problem !== null) problems.push({ param: name, message: `${name} ${problem}` });
    resolved.push([name, value ?? null]);
  }
  if (problems.length > 0) {
    const detail = problems.map(({ message }) => message).join('; ');
    throw new Fault('params.invalid', detail, { errors: problems });
  }
  return Object.fromEntries(resolved);
}

function problemOf(spec: ParamSpec, value: Json | undefined): string | null {
  if (value === undefined) return spec.required ? 'is missing: give it a value' : null;
  if (value === null && !spec.required) return null;
  return paramValueProblem(spec, value);
}

function unknown(name: string, names: readonly string[]): string {
  const hint = didYouMean(name, names);
  if (hint) return `there is no param ${name}${hint}`;
  const known = names.length > 0 ? `it takes ${names.join(', ')}` : 'it takes none';
  return `there is no param ${name}: ${known}`;
}

/**
 * The value that a text from a command line or a form stands for. Text that does not suit the type
 * comes back as it is, and `resolveParams` says what is wrong with it.
 */
export function parseParam(spec: Pick<ParamSpec, 'type'> | undefined, text: string): Json {
  if (spec?.type === 'integer' || spec?.type === 'number')
    return NUMBER.test(text) ? Number(text) : text;
  if (spec?.type === 'boolean') return text === 'true' || (text === 'false' ? false : text);
  if (spec?.type === 'object' || spec?.type === 'array') return parseJson(text);
  return text;
}

function parseJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
