/** Which way to go from an address: to what is made from it, or to what it is made from. */
export type Direction = 'downstream' | 'upstream';

/** What flows through one pipeline from one address to another, all of them by id. */
export interface PipelineEdge {
  readonly source: number;
  readonly target: number;
  readonly pipeline: number;
}

/** The end at which an edge is entered, and the one that it leads to. */
export function endsOf(edge: Pick<PipelineEdge, 'source' | 'target'>, direction: Direction) {
  return direction === 'downstream'
    ? { from: edge.source, to: edge.target }
    : { from: edge.target, to: edge.source };
}

/** The end of an edge that it leads to. */
export function farEndOf(direction: Direction): 'source' | 'target' {
  return direction === 'downstream' ? 'target' : 'source';
}

/** Edges by the end at which they are entered: through the list of them goes a chain for each address. */
export interface Entries<Edge> {
  each(address: number, visit: (edge: Edge) => void): void;
}

/** A list for each address would take several times as long to make. */
export function byEntry<Edge extends Pick<PipelineEdge, 'source' | 'target'>>(
  edges: readonly Edge[],
  direction: Direction,
): Entries<Edge> {
  const end = direction === 'downstream' ? 'source' : 'target';
  const heads = new Map<number, number>();
  const next = new Int32Array(edges.length);
  for (let at = edges.length - 1; at >= 0; at -= 1) {
    const from = edges[at]?.[end] ?? 0;
    // Most come together: these need no look into the map.
    next[at] = edges[at + 1]?.[end] === from ? at + 1 : (heads.get(from) ?? NONE);
    if (edges[at - 1]?.[end] !== from) heads.set(from, at);
  }
  return {
    each: (address, visit) => {
      for (let at = heads.get(address) ?? NONE; at !== NONE; at = next[at] ?? NONE) {
        const edge = edges[at];
        if (edge) visit(edge);
      }
    },
  };
}

const NONE = -1;
