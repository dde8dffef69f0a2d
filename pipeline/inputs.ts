import type { BlockDefinition } from './block.ts';

/** One thing that a block reads, and where its definition says so. */
export interface Input {
  readonly alias: string;
  readonly block: string;
  /** Below the block's own path. */
  readonly path: readonly ['inputs', string | number];
}

export function inputsOf({ inputs }: BlockDefinition): Input[] {
  if (inputs === undefined) return [];
  if (Array.isArray(inputs)) {
    return inputs.map((block, index) => ({ alias: block, block, path: ['inputs', index] }));
  }
  return Object.entries(inputs).map(([alias, block]) => ({
    alias,
    block,
    path: ['inputs', alias],
  }));
}

/** Every block that must have ended first, in the order in which it is named. */
export function waitsOf(block: BlockDefinition): string[] {
  const inputs = inputsOf(block).map((input) => input.block);
  return [...new Set([...inputs, ...(block.after ?? [])])];
}
