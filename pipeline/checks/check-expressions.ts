import type { BlockDefinition } from '../block.ts';
import { blocksOf, type Check, type Draft } from '../check.ts';
import { didYouMean } from '../did-you-mean.ts';
import type { Finding, Path } from '../document.ts';
import { parseExpression, ROOTS, RUN_FIELDS, type ExpressionPlace } from '../expression.ts';
import type { Reference } from '../expression-names.ts';
import { waitsOf } from '../inputs.ts';
import { hasExpression, splitTemplate } from '../template.ts';
import { textsIn, type TextAt } from '../texts-in.ts';

/** `${{ }}` stands only where it is evaluated, is sound CEL, and names what will be there. */
export const checkExpressions: Check = (draft) => [
  ...blocksOf(draft).flatMap(([name, block]) => ofBlock(draft, name, block)),
  ...misplaced(draft.definition.params, ['params']),
];

function ofBlock(draft: Draft, name: string, block: BlockDefinition): Finding[] {
  const path = ['blocks', name];
  if (block.kind !== 'pipeline') {
    const { file } = block;
    const from = block.kind === 'loader' ? block.from : undefined;
    const to = block.kind === 'exporter' ? block.to : undefined;
    return [...misplaced({ file, from, to }, path), ...ofUntil(draft, block, [...path, 'until'])];
  }
  const names = (reference: Reference): string | null => nameProblem(draft, block, reference);
  return textsIn(block.params, [...path, 'params']).flatMap((found) =>
    inText(found, 'params', names),
  );
}

/** A query takes its values as `$month`, like every SQL block. */
function ofUntil(draft: Draft, block: BlockDefinition, path: Path): Finding[] {
  const until = block.kind === 'sensor' ? block.until : undefined;
  if (!until) return [];
  if ('query' in until) return misplaced({ query: until.query }, path);
  return textsIn(until, path).flatMap((found) =>
    inText(found, 'sensor', ({ path: [root, name] }) => {
      if (root === 'params') return paramProblem(draft, name);
      return root === 'run' ? fieldProblem(name, RUN_FIELDS) : null;
    }),
  );
}

function misplaced(value: unknown, path: Path): Finding[] {
  return textsIn(value, path)
    .filter(({ text }) => hasExpression(text))
    .map(({ path }) => ({
      path,
      within: '${{',
      code: 'expression.misplaced',
      message:
        'no expression is evaluated here: only in params of sub-pipelines, in connections and in what a sensor waits for',
    }));
}

/** Everything that is wrong with the expressions of one text. */
export function inText(
  { text, path }: TextAt,
  place: ExpressionPlace,
  names: (reference: Reference) => string | null,
): Finding[] {
  if (!hasExpression(text)) return [];
  const { parts, unclosed } = splitTemplate(text);
  const at = (offset: number): Pick<Finding, 'path' | 'within'> => ({
    path,
    within: text.slice(offset),
  });
  if (unclosed !== undefined) {
    const message = 'this ${{ is never closed: write }} behind the expression';
    return [{ ...at(unclosed), code: 'expression.invalid', message }];
  }
  return parts.flatMap((part): Finding[] => {
    if (!('expression' in part)) return [];
    const { expression, problem } = parseExpression(part.expression, place);
    if (problem) {
      const unknown = /^unknown variable: (.*)$/i.exec(problem.message)?.[1];
      const code = unknown === undefined ? 'expression.invalid' : 'expression.unknown_name';
      const message =
        unknown === undefined
          ? problem.message
          : `there is no "${unknown}" here: known are ${ROOTS[place].join(', ')}`;
      return [{ ...at(part.offset + problem.offset), code, message }];
    }
    return expression.references.flatMap((reference) => {
      const message = names(reference);
      if (message === null) return [];
      const offset = part.offset + reference.offset;
      return [{ ...at(offset), code: 'expression.unknown_name', message }];
    });
  });
}

/** Says why an expression can't read this param, or null when it can. */
export function paramProblem({ definition }: Draft, name: string | undefined): string | null {
  if (name === undefined || Object.hasOwn(definition.params, name)) return null;
  const known = Object.keys(definition.params);
  return `this pipeline has no param "${name}"${didYouMean(name, known)}`;
}

function fieldProblem(name: string | undefined, fields: readonly string[]): string | null {
  if (name === undefined || fields.includes(name)) return null;
  return `run has no "${name}": known are ${fields.join(', ')}`;
}

function nameProblem(
  draft: Draft,
  block: BlockDefinition,
  { path: [root, name, field] }: Reference,
): string | null {
  if (root === 'params') return paramProblem(draft, name);
  if (root === 'run') return fieldProblem(name, RUN_FIELDS);
  if (root !== 'blocks') return null;
  if (name === undefined) return 'name the block: blocks.NAME.value';
  if (!draft.names.has(name)) {
    return `there is no block "${name}" in this pipeline${didYouMean(name, draft.names)}`;
  }
  if (!waitsOf(block).includes(name)) {
    return `this block does not wait for ${name}: name ${name} under inputs or after`;
  }
  return field === undefined || field === 'value' ? null : `a block has only .value, no .${field}`;
}
