/** Which way to go from an address: to what is made from it, or to what it is made from. */
export type Direction = 'downstream' | 'upstream';

/** What flows through one pipeline from one address to another, all of them by id. */
export interface PipelineEdge {
  readonly source: number;
  readonly target: number;
  readonly pipeline: number;
}

/** Many of them, each at the same place of three columns: objects would take longer to make than to walk along. */
export interface Edges {
  readonly sources: Int32Array;
  readonly targets: Int32Array;
  readonly pipelines: Int32Array;
}

/** Those at these places, in their order. */
export function edgesAt({ sources, targets, pipelines }: Edges, places: Int32Array): Edges {
  return {
    sources: places.map((at) => sources[at] ?? 0),
    targets: places.map((at) => targets[at] ?? 0),
    pipelines: places.map((at) => pipelines[at] ?? 0),
  };
}

/** One list after the other. */
export function joined(lists: readonly Edges[]): Edges {
  const all = (column: keyof Edges) => Int32Array.from(lists.flatMap((list) => [...list[column]]));
  return { sources: all('sources'), targets: all('targets'), pipelines: all('pipelines') };
}

/** The ends at which edges are entered, and those that they lead to. */
export function endsOf({ sources, targets }: Edges, direction: Direction) {
  return direction === 'downstream'
    ? { from: sources, to: targets }
    : { from: targets, to: sources };
}

/** Edges by the end at which they are entered: through their places goes a chain for each address. */
export interface Entries {
  each(address: number, visit: (at: number) => void): void;
}

/** A list for each address would take several times as long to make. */
export function byEntry(edges: Edges, direction: Direction): Entries {
  const { from } = endsOf(edges, direction);
  const heads = new Map<number, number>();
  const next = new Int32Array(from.length);
  for (let at = from.length - 1; at >= 0; at -= 1) {
    const address = from[at] ?? 0;
    // Most come together: these need no look into the map.
    next[at] = from[at + 1] === address ? at + 1 : (heads.get(address) ?? NONE);
    if (from[at - 1] !== address) heads.set(address, at);
  }
  return {
    each: (address, visit) => {
      for (let at = heads.get(address) ?? NONE; at !== NONE; at = next[at] ?? NONE) visit(at);
    },
  };
}

const NONE = -1;
