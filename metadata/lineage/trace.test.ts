import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { carriers, trace, type ColumnEdges, type ColumnFlow } from './trace.ts';

const flow = (from: string, to: string, except: readonly string[] = []): ColumnFlow => ({
  from,
  to,
  except,
});

type Edge = readonly [source: number, target: number, ...columns: ColumnFlow[]];

/** An edge without columns: nobody knows which goes where. */
function graph(...edges: readonly Edge[]): ColumnEdges {
  return {
    sources: Int32Array.from(edges, ([source]) => source),
    targets: Int32Array.from(edges, ([, target]) => target),
    pipelines: Int32Array.from(edges, (_edge, at) => at),
    columns: edges.map(([, , ...flows]) => (flows.length > 0 ? flows : undefined)),
  };
}

describe('a column traced through the edges', () => {
  test('is followed under its other names', () => {
    const edges = graph([1, 2, flow('a', 'x'), flow('b', 'y')], [2, 3, flow('X', 'total')]);
    expect(trace(edges, 1, 'A', 'downstream')).toEqual(
      new Map([
        [1, new Set(['a'])],
        [2, new Set(['x'])],
        [3, new Set(['total'])],
      ]),
    );
    expect(trace(edges, 3, 'total', 'upstream').get(1)).toEqual(new Set(['a']));
  });

  test('keeps its name where all columns are passed on, unless it is left out', () => {
    const edges = graph([1, 2, flow('*', '*', ['Secret'])]);
    expect(trace(edges, 1, 'a', 'downstream').get(2)).toEqual(new Set(['a']));
    expect(trace(edges, 1, 'secret', 'downstream').has(2)).toBe(false);
  });

  test('may be any column where nobody knows', () => {
    const edges = graph([1, 2], [2, 3, flow('x', 'y')], [2, 4, flow('*', '*')]);
    const found = trace(edges, 1, 'a', 'downstream');
    expect([found.get(2), found.get(3), found.get(4)]).toEqual(['any', new Set(['y']), 'any']);
  });

  test('is carried by the edges that pass it on, and by no other one between the same addresses', () => {
    const edges = graph(
      [1, 2, flow('price', 'total'), flow('shop', 'shop')],
      [1, 2, flow('n', 'count')],
      [2, 3],
      [4, 2, flow('price', 'total')],
    );
    const traced = trace(edges, 1, 'price', 'downstream');
    expect(carriers(edges, traced, 'downstream')).toEqual({
      ...{ sources: Int32Array.of(1, 2), targets: Int32Array.of(2, 3) },
      pipelines: Int32Array.of(0, 2),
      columns: [[flow('price', 'total')], undefined],
    });
  });

  test('reaches from b back to a exactly if it reaches from a to b, in cycles too', () => {
    const names = fc.constantFrom('a', 'b', 'c');
    const flows = fc.array(fc.record({ from: names, to: names, except: fc.constant([]) }), {
      minLength: 1,
      maxLength: 3,
    });
    const edge = fc.tuple(fc.nat(4), fc.nat(4), flows);
    const graphs = fc
      .array(edge, { maxLength: 12 })
      .map((edges) => graph(...edges.map(([from, to, columns]): Edge => [from, to, ...columns])));
    fc.assert(
      fc.property(graphs, names, names, (edges, one, other) => {
        const ahead = trace(edges, 0, one, 'downstream').get(3);
        const back = trace(edges, 3, other, 'upstream').get(0);
        expect(has(ahead, other)).toBe(has(back, one));
      }),
    );
  });
});

function has(columns: ReadonlySet<string> | 'any' | undefined, name: string): boolean {
  return columns === 'any' || (columns?.has(name) ?? false);
}
