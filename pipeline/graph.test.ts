import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cyclesIn, inOrderOf, type Graph } from './graph.ts';

const graphs = fc
  .array(fc.array(fc.nat(14), { maxLength: 4 }), { maxLength: 15 })
  .map(
    (edges): Graph =>
      new Map(edges.map((after, index) => [`n${index}`, after.map((n) => `n${n}`)])),
  );

test('a graph has an order exactly when it has no cycle', () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      expect(inOrderOf(graph) === undefined).toBe(cyclesIn(graph).length > 0);
    }),
  );
});

test('each name comes once, after all that it waits for', () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      const order = inOrderOf(graph);
      if (!order) return;
      expect([...order].sort()).toEqual([...graph.keys()].sort());
      for (const [name, after] of graph) {
        for (const other of after.filter((it) => graph.has(it))) {
          expect(order.indexOf(other)).toBeLessThan(order.indexOf(name));
        }
      }
    }),
  );
});

test('each name of a cycle waits for the next', () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      for (const cycle of cyclesIn(graph)) {
        cycle.forEach((name, index) => {
          expect(graph.get(name)).toContain(cycle[(index + 1) % cycle.length]);
        });
      }
    }),
  );
});

test('a long chain in front of a cycle is no trouble', () => {
  const chain = Array.from({ length: 20_000 }, (_, n): [string, string[]] => [
    `n${n}`,
    [`n${n + 1}`],
  ]);

  expect(inOrderOf(new Map(chain))).toHaveLength(20_000);
  expect(cyclesIn(new Map([...chain, ['n20000', ['n20000']]]))).toEqual([['n20000']]);
});
