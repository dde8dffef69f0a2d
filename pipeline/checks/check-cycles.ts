import { blocksOf, type Check } from '../check.ts';
import { cyclesIn } from '../graph.ts';
import { waitsOf } from '../inputs.ts';

/** No block waits for itself, directly or through others. */
export const checkCycles: Check = (draft) => {
  const graph = new Map(blocksOf(draft).map(([name, block]) => [name, waitsOf(block)]));
  return cyclesIn(graph).map((cycle) => ({
    path: ['blocks', cycle[0] ?? ''],
    at: 'key',
    code: 'block.cycle',
    message:
      cycle.length === 1
        ? `${cycle.join('')} waits for itself`
        : `these blocks wait for each other: ${[...cycle, cycle[0]].join(' → ')}`,
  }));
};
