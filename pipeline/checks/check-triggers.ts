import type { Check } from '../check.ts';
import { didYouMean } from '../did-you-mean.ts';
import type { PipelineDefinition } from '../definition.ts';
import type { Finding, Path } from '../document.ts';
import { RUN_FIELDS } from '../expression.ts';
import { paramValueProblem } from '../param-value.ts';
import { hasExpression } from '../template.ts';
import { textsIn } from '../texts-in.ts';
import { TRIGGER_KINDS, type TriggerDefinition } from '../triggers.ts';
import { inText } from './check-expressions.ts';

/** Each trigger is of one kind, and its params are the pipeline's. */
export const checkTriggers: Check = ({ definition, damagedTriggers }) =>
  Object.entries(definition.triggers ?? {}).flatMap(([name, trigger]) => [
    ...(damagedTriggers.has(name) ? [] : kinds(trigger, ['triggers', name])),
    ...params(trigger, definition.params, ['triggers', name, 'params']),
    ...expressions(trigger, ['triggers', name, 'params']),
  ]);

function kinds(trigger: TriggerDefinition, path: Path): Finding[] {
  const found = TRIGGER_KINDS.filter((kind) => trigger[kind] !== undefined);
  if (found.length === 0) {
    const message = `"${String(path.at(-1))}" needs one of ${TRIGGER_KINDS.join(', ')}`;
    return [{ path, at: 'key', code: 'key.missing', message }];
  }
  return found.slice(1).map((kind) => ({
    path: [...path, kind],
    at: 'key',
    code: 'key.misplaced',
    message: `a trigger is of one kind: write "${kind}" as a trigger of its own`,
  }));
}

/** What is left out may still come with an event or a request; a schedule has nobody to ask. */
function params(
  { schedule, params: given = {} }: TriggerDefinition,
  specs: PipelineDefinition['params'],
  path: Path,
): Finding[] {
  const missing = Object.entries(specs).filter(
    ([name, { required, default: value }]) =>
      schedule && !Object.hasOwn(given, name) && value === undefined && required !== false,
  );
  return [
    ...Object.entries(given).flatMap(([name, value]): Finding[] => {
      const spec = Object.hasOwn(specs, name) ? specs[name] : undefined;
      if (!spec) {
        const message = `this pipeline has no param "${name}"${didYouMean(name, Object.keys(specs))}`;
        return [{ path: [...path, name], at: 'key', code: 'param.unknown', message }];
      }
      if (value === null && spec.required === false) return [];
      if (textsIn(value, []).some(({ text }) => hasExpression(text))) return [];
      const problem = paramValueProblem(spec, value);
      if (problem === null) return [];
      return [{ path: [...path, name], code: 'param.invalid', message: `"${name}" ${problem}` }];
    }),
    ...missing.map(([name]) => ({
      path: path.slice(0, -1),
      at: 'key' as const,
      code: 'param.missing',
      message: `the param "${name}" has no default: give it a value under params`,
    })),
  ];
}

/** The params of a schedule see the times of its run; those of the other kinds are checked with them. */
function expressions({ schedule, params }: TriggerDefinition, path: Path): Finding[] {
  if (!schedule) return [];
  const known = RUN_FIELDS.filter((field) => field !== 'id');
  return textsIn(params, path).flatMap((text) =>
    inText(text, 'params', ({ path: [root, name] }) => {
      if (root === 'run' && (name === undefined || known.includes(name))) return null;
      return `a schedule knows run.${known.join(', run.')}`;
    }),
  );
}
