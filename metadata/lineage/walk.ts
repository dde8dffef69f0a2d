import { byEntry, edgesAt, endsOf, type Direction, type Edges } from './graph.ts';

export interface Walk {
  /** Every address on the way by its least distance from the start, the nearest first. */
  readonly distances: ReadonlyMap<number, number>;
  /** The edges that lead from an address nearer than `depth`. */
  readonly edges: Edges;
}

/** Goes from an address along its edges, breadth first, at most `depth` of them. Cycles end where they began. */
export function walk(edges: Edges, start: number, direction: Direction, depth: number): Walk {
  const entered = byEntry(edges, direction);
  const { to } = endsOf(edges, direction);
  const distances = new Map([[start, 0]]);
  const places = new Int32Array(to.length);
  let walked = 0;
  // A Map goes on to what was added while it was gone through.
  for (const [address, distance] of distances) {
    if (distance >= depth) break;
    entered.each(address, (at) => {
      places[walked] = at;
      walked += 1;
      const reached = to[at] ?? 0;
      if (!distances.has(reached)) distances.set(reached, distance + 1);
    });
  }
  return { distances, edges: edgesAt(edges, places.subarray(0, walked)) };
}
