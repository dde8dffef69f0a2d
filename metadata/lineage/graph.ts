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

/** Edges by the end at which they are entered. */
export function byEntry<Edge extends Pick<PipelineEdge, 'source' | 'target'>>(
  edges: readonly Edge[],
  direction: Direction,
): ReadonlyMap<number, readonly Edge[]> {
  const grouped = new Map<number, Edge[]>();
  for (const edge of edges) {
    const { from } = endsOf(edge, direction);
    const group = grouped.get(from);
    if (group) group.push(edge);
    else grouped.set(from, [edge]);
  }
  return grouped;
}
