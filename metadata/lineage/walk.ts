import { byEntry, farEndOf, type Direction, type PipelineEdge } from './graph.ts';

export interface Walk<Edge> {
  /** Every address on the way by its least distance from the start, the nearest first. */
  readonly distances: ReadonlyMap<number, number>;
  /** The edges that lead from an address nearer than `depth`. */
  readonly edges: readonly Edge[];
}

/** Goes from an address along its edges, breadth first, at most `depth` of them. Cycles end where they began. */
export function walk<Edge extends Pick<PipelineEdge, 'source' | 'target'>>(
  edges: readonly Edge[],
  start: number,
  direction: Direction,
  depth: number,
): Walk<Edge> {
  const entered = byEntry(edges, direction);
  const far = farEndOf(direction);
  const distances = new Map([[start, 0]]);
  const walked: Edge[] = [];
  // A Map goes on to what was added while it was gone through.
  for (const [address, distance] of distances) {
    if (distance >= depth) break;
    entered.each(address, (edge) => {
      walked.push(edge);
      const to = edge[far];
      if (!distances.has(to)) distances.set(to, distance + 1);
    });
  }
  return { distances, edges: walked };
}
