import { blocksOf, type Check } from '../check.ts';
import { didYouMean } from '../did-you-mean.ts';

/** The watermark's block exists and leaves rows to look at. */
export const checkWatermark: Check = (draft) => {
  const name = draft.definition.watermark?.block;
  if (name === undefined) return [];
  const path = ['watermark', 'block'];
  if (!draft.names.has(name)) {
    const message = `there is no block "${name}" in this pipeline${didYouMean(name, draft.names)}`;
    return [{ path, code: 'block.unknown', message }];
  }
  const block = blocksOf(draft).find(([other]) => other === name)?.[1];
  if (block?.kind !== 'pipeline' && block?.kind !== 'exporter' && block?.kind !== 'sensor')
    return [];
  const message = `${name} leaves no rows: name the block that loads them`;
  return [{ path, code: 'watermark.no_output', message }];
};
