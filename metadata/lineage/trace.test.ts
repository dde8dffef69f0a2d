import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { carriers, trace, type ColumnEdge, type ColumnFlow } from './trace.ts';

const flow = (from: string, to: string, except: readonly string[] = []): ColumnFlow => ({
  from,
  to,
  except,
});
const edge = (source: number, target: number, ...columns: ColumnFlow[]): ColumnEdge => ({
  source,
  target,
  pipeline: 1,
  ...(columns.length > 0 && { columns }),
});

describe('a column traced through the edges', () => {
  test('is followed under its other names', () => {
    const edges = [edge(1, 2, flow('a', 'x'), flow('b', 'y')), edge(2, 3, flow('X', 'total'))];
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
    const edges = [edge(1, 2, flow('*', '*', ['Secret']))];
    expect(trace(edges, 1, 'a', 'downstream').get(2)).toEqual(new Set(['a']));
    expect(trace(edges, 1, 'secret', 'downstream').has(2)).toBe(false);
  });

  test('may be any column where nobody knows', () => {
    const edges = [edge(1, 2), edge(2, 3, flow('x', 'y')), edge(2, 4, flow('*', '*'))];
    const found = trace(edges, 1, 'a', 'downstream');
    expect([found.get(2), found.get(3), found.get(4)]).toEqual(['any', new Set(['y']), 'any']);
  });

  test('is carried by the edges that pass it on, and by no other one between the same addresses', () => {
    const price = edge(1, 2, flow('price', 'total'), flow('shop', 'shop'));
    const count = edge(1, 2, flow('n', 'count'));
    const unknown = edge(2, 3);
    const edges = [price, count, unknown, edge(4, 2, flow('price', 'total'))];
    const traced = trace(edges, 1, 'price', 'downstream');
    expect(carriers(edges, traced, 'downstream')).toEqual([
      edge(1, 2, flow('price', 'total')),
      unknown,
    ]);
  });

  test('reaches from b back to a exactly if it reaches from a to b, in cycles too', () => {
    const names = fc.constantFrom('a', 'b', 'c');
    const flows = fc.array(fc.record({ from: names, to: names, except: fc.constant([]) }), {
      minLength: 1,
      maxLength: 3,
    });
    const edges = fc.array(
      fc.record({ source: fc.nat(4), target: fc.nat(4), pipeline: fc.constant(1), columns: flows }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(edges, names, names, (graph, one, other) => {
        const ahead = trace(graph, 0, one, 'downstream').get(3);
        const back = trace(graph, 3, other, 'upstream').get(0);
        expect(has(ahead, other)).toBe(has(back, one));
      }),
    );
  });
});

function has(columns: ReadonlySet<string> | 'any' | undefined, name: string): boolean {
  return columns === 'any' || (columns?.has(name) ?? false);
}
