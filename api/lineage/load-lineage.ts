import type { Db } from '../../db/database.ts';
import {
  findNames,
  listColumns,
  listGraphPipelines,
  walkFrom,
  type GraphAddress,
  type GraphPipeline,
  type StoredColumns,
} from '../../db/lineage/graph.ts';
import type { Direction, Edges } from '../../metadata/lineage/graph.ts';
import { carriers, trace, type ColumnEdges, type Columns } from '../../metadata/lineage/trace.ts';
import { walk } from '../../metadata/lineage/walk.ts';
import type { LineageQuery } from '../contract/lineage.ts';
import { getAddress, type NamedAddress } from './find-address.ts';

/** A part of the graph, seen from an address. */
export interface Neighbourhood {
  readonly address: NamedAddress;
  readonly direction: Direction;
  /** By id, the nearest first. */
  readonly distances: ReadonlyMap<number, number>;
  readonly addresses: ReadonlyMap<number, GraphAddress>;
  readonly pipelines: ReadonlyMap<number, GraphPipeline>;
  /** As the walk went; those between the same ends one after the other. */
  readonly edges: ColumnEdges;
  /** Of a question about a column; by address. */
  readonly columns: ReadonlyMap<number, Columns> | undefined;
}

export async function loadNeighbourhood(
  db: Db,
  { address: text, depth = Infinity, column, columns: told }: LineageQuery,
  direction: Direction,
): Promise<Neighbourhood> {
  const address = await getAddress(db, text);
  const walked = await walkFrom(db, address.id, direction, depth);
  const ids = [...walked.distances.keys()];
  const edges: ColumnEdges =
    told || column !== undefined
      ? withColumns(walked.edges, await listColumns(db, ids))
      : walked.edges;
  const columns = column === undefined ? undefined : trace(edges, address.id, column, direction);
  const kept = columns ? carriers(edges, columns, direction) : edges;
  const { distances } = columns ? walk(kept, address.id, direction, depth) : walked;
  const used = [...new Set(kept.pipelines)];
  const [addresses, pipelines] = await Promise.all([
    findNames(db, [...distances.keys()]),
    listGraphPipelines(db, used),
  ]);
  return {
    ...{ address, direction, distances, columns, edges: kept },
    addresses,
    pipelines: new Map(pipelines.map((each) => [each.id, each])),
  };
}

function withColumns(edges: Edges, columns: readonly StoredColumns[]): ColumnEdges {
  const { sources, targets, pipelines } = edges;
  const byEdge = new Map<string, StoredColumns[]>();
  for (const each of columns) {
    const key = keyOf(each.source, each.target, each.pipeline);
    byEdge.set(key, [...(byEdge.get(key) ?? []), each]);
  }
  const columnsAt = (source: number, at: number) =>
    byEdge.get(keyOf(source, targets[at], pipelines[at]));
  return { ...edges, columns: Array.from(sources, columnsAt) };
}

function keyOf(...edge: readonly (number | undefined)[]): string {
  return edge.join(' ');
}
