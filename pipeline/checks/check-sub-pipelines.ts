import type { Json } from '../../runtime/json.ts';
import { blocksOf, type Check, type Draft, type World } from '../check.ts';
import type { PipelineDefinition } from '../definition.ts';
import { didYouMean } from '../did-you-mean.ts';
import type { Finding, Path } from '../document.ts';
import { paramValueProblem } from '../param-value.ts';
import { hasExpression } from '../template.ts';
import { textsIn } from '../texts-in.ts';

/** Every sub-pipeline exists, ends, and is given the params that it takes. */
export const checkSubPipelines: Check = (draft, world) =>
  blocksOf(draft).flatMap(([name, block]) => {
    if (block.kind !== 'pipeline' || block.pipeline === undefined) return [];
    const path = ['blocks', name];
    const child = world.pipelines.get(block.pipeline);
    return [
      ...unknown(world, block.pipeline, [...path, 'pipeline']),
      ...endless(draft, world, block.pipeline, [...path, 'pipeline']),
      ...(child ? params(child, block.pipeline, block.params ?? {}, path) : []),
    ];
  });

function unknown({ pipelines }: World, name: string, path: Path): Finding[] {
  if (pipelines.has(name)) return [];
  const message = `there is no pipeline "${name}"${didYouMean(name, pipelines.keys())}`;
  return [{ path, code: 'pipeline.unknown', message }];
}

function endless({ name }: Draft, { recursions }: World, child: string, path: Path): Finding[] {
  const circle = recursions.find((names) => names.includes(name) && names.includes(child));
  if (!circle) return [];
  const message = `these pipelines would run each other without end: ${[...circle, circle[0]].join(' → ')}`;
  return [{ path, code: 'pipeline.recursion', message }];
}

function params(
  child: PipelineDefinition,
  childName: string,
  given: Readonly<Record<string, Json>>,
  path: Path,
): Finding[] {
  const specs = Object.entries(child.params);
  const known = specs.map(([name]) => name);
  const missing = specs.filter(
    ([name, { required, default: value }]) =>
      !Object.hasOwn(given, name) && value === undefined && required !== false,
  );
  return [
    ...Object.entries(given).flatMap(([name, value]) =>
      given_(child, childName, known, name, value, [...path, 'params', name]),
    ),
    ...missing.map(([name]) => ({
      path: Object.keys(given).length > 0 ? [...path, 'params'] : path,
      at: 'key' as const,
      code: 'param.missing',
      message: `${childName} needs the param "${name}": give it under params`,
    })),
  ];
}

function given_(
  child: PipelineDefinition,
  childName: string,
  known: readonly string[],
  name: string,
  value: Json,
  path: Path,
): Finding[] {
  const spec = Object.hasOwn(child.params, name) ? child.params[name] : undefined;
  if (!spec) {
    const message = `${childName} has no param "${name}"${didYouMean(name, known)}`;
    return [{ path, at: 'key', code: 'param.unknown', message }];
  }
  if (value === null && spec.required === false) return [];
  if (textsIn(value, []).some(({ text }) => hasExpression(text))) return [];
  const problem = paramValueProblem(spec, value);
  return problem === null
    ? []
    : [{ path, code: 'param.invalid', message: `"${name}" of ${childName} ${problem}` }];
}
