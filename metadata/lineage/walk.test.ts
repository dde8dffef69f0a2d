import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Direction, Edges, PipelineEdge } from './graph.ts';
import { walk } from './walk.ts';

const edge = (source: number, target: number, pipeline = 1) => ({ source, target, pipeline });
const graphs = fc.array(fc.record({ source: fc.nat(8), target: fc.nat(8), pipeline: fc.nat(2) }), {
  maxLength: 30,
});
const directions = fc.constantFrom<Direction>('downstream', 'upstream');
const ENDLESS = Infinity;

function columns(edges: readonly PipelineEdge[]): Edges {
  return {
    sources: Int32Array.from(edges, ({ source }) => source),
    targets: Int32Array.from(edges, ({ target }) => target),
    pipelines: Int32Array.from(edges, ({ pipeline }) => pipeline),
  };
}

describe('a walk along the edges', () => {
  test('reaches both sides of a diamond once', () => {
    const edges = [edge(1, 2), edge(1, 3), edge(2, 4), edge(3, 4)];
    expect([...walk(columns(edges), 1, 'downstream', ENDLESS).distances]).toEqual([
      [1, 0],
      [2, 1],
      [3, 1],
      [4, 2],
    ]);
  });

  test('ends in a cycle and at a self-loop', () => {
    const edges = [edge(1, 2), edge(2, 3), edge(3, 1), edge(2, 2)];
    const { distances, edges: walked } = walk(columns(edges), 1, 'upstream', ENDLESS);
    expect([...distances]).toEqual([
      [1, 0],
      [3, 1],
      [2, 2],
    ]);
    expect(walked.pipelines).toHaveLength(4);
  });

  test('has every pipeline of an edge', () => {
    const edges = [edge(1, 2, 7), edge(1, 2, 8)];
    expect(walk(columns(edges), 1, 'downstream', 1).edges).toEqual(columns(edges));
  });

  test('finds the distance of the shortest of all ways, as trying all lengths does', () => {
    fc.assert(
      fc.property(graphs, directions, (edges, direction) => {
        const { distances } = walk(columns(edges), 0, direction, ENDLESS);
        expect(new Map(distances)).toEqual(byTryingLengths(edges, direction));
      }),
    );
  });

  test('with a depth is the whole walk, cut there', () => {
    fc.assert(
      fc.property(graphs, directions, fc.nat(5), (edges, direction, depth) => {
        const whole = walk(columns(edges), 0, direction, ENDLESS).distances;
        const cut = new Map([...whole].filter(([, distance]) => distance <= depth));
        expect(new Map(walk(columns(edges), 0, direction, depth).distances)).toEqual(cut);
      }),
    );
  });
});

/** Address n is k edges away when it is in the k-th image of the start, and in none before. */
function byTryingLengths(
  edges: readonly { source: number; target: number }[],
  direction: Direction,
): Map<number, number> {
  const found = new Map([[0, 0]]);
  let image = new Set([0]);
  for (let length = 1; length <= 9; length += 1) {
    const [from, to] =
      direction === 'downstream'
        ? (['source', 'target'] as const)
        : (['target', 'source'] as const);
    image = new Set(edges.filter((each) => image.has(each[from])).map((each) => each[to]));
    for (const address of image) if (!found.has(address)) found.set(address, length);
  }
  return found;
}
