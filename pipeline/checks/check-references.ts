import { blocksOf, type Check, type Draft } from '../check.ts';
import { didYouMean } from '../did-you-mean.ts';
import type { Finding, Path } from '../document.ts';
import { inputsOf } from '../inputs.ts';

/** Every block that is named exists, leaves something to read, and is named once. */
export const checkReferences: Check = (draft) =>
  blocksOf(draft).flatMap(([name, block]) => {
    const inputs = inputsOf(block);
    const after = block.after ?? [];
    return [
      ...inputs.flatMap(({ block: other, path }) =>
        readable(draft, other, ['blocks', name, ...path]),
      ),
      ...after.flatMap((other, index) => known(draft, other, ['blocks', name, 'after', index])),
      ...inputs
        .filter(({ alias }, index) => inputs.findIndex((input) => input.alias === alias) < index)
        .map(({ alias, path }) => ({
          path: ['blocks', name, ...path],
          code: 'alias.duplicate',
          message: `"${alias}" is read twice: leave one out, or write alias: block for each`,
        })),
    ];
  });

function readable(draft: Draft, name: string, path: Path): Finding[] {
  const block = Object.hasOwn(draft.definition.blocks, name)
    ? draft.definition.blocks[name]
    : undefined;
  if (!block) return known(draft, name, path);
  const silent = block.kind === 'pipeline' || (block.kind === 'exporter' && block.to);
  if (!silent) return [];
  const message = `${name} leaves no output to read: name it under after, to wait for it only`;
  return [{ path, code: 'input.no_output', message }];
}

function known({ names }: Draft, name: string, path: Path): Finding[] {
  if (names.has(name)) return [];
  const message = `there is no block "${name}" in this pipeline${didYouMean(name, names)}`;
  return [{ path, code: 'block.unknown', message }];
}
