import { parseExpression } from '../pipeline/expression.ts';
import { splitTemplate } from '../pipeline/template.ts';
import { textsIn } from '../pipeline/texts-in.ts';
import type { JsonObject } from '../runtime/json.ts';

/** The blocks whose values the expressions of these params mention, each once. */
export function blocksReadBy(params: JsonObject): string[] {
  const names = textsIn(params, [])
    .flatMap(({ text }) => splitTemplate(text).parts)
    .flatMap((part) => ('expression' in part ? referencesIn(part.expression) : []))
    .flatMap(([root, name]) => (root === 'blocks' && name !== undefined ? [name] : []));
  return [...new Set(names)];
}

function referencesIn(source: string): (readonly string[])[] {
  const { expression } = parseExpression(source, 'params');
  return expression?.references.map(({ path }) => path) ?? [];
}
