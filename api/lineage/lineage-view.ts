import type { ColumnEdge } from '../../metadata/lineage/trace.ts';
import type {
  AffectedPipeline,
  ColumnFlow,
  Impact,
  Lineage,
  LineageAddress,
} from '../contract/lineage.ts';
import { JsonWriter } from '../http/json-writer.ts';
import type { Neighbourhood } from './load-lineage.ts';

/** The JSON of a `Lineage`: tens of thousands of edges may be in it. */
export function writeLineage(part: Neighbourhood): Buffer {
  const { address, direction } = part;
  const head: Omit<Lineage, 'edges'> = {
    address: { id: address.id, name: address.name },
    direction,
    addresses: toAddresses(part),
  };
  const writer = new JsonWriter();
  writer.text(`${JSON.stringify(head).slice(0, -1)},"edges":`);
  writeEdges(writer, part);
  return writer.text('}').written();
}

/** Pipelines on the way, each with what it carries on. */
export function toImpact(part: Neighbourhood): Impact {
  const { address } = part;
  return {
    address: { id: address.id, name: address.name },
    addresses: toAddresses(part),
    pipelines: toPipelines(part),
  };
}

function toAddresses({ distances, addresses, columns }: Neighbourhood): LineageAddress[] {
  const told: LineageAddress[] = [];
  for (const [id, depth] of distances) {
    const found = addresses.get(id);
    if (!found) continue;
    const { name, type, group } = found;
    const address: LineageAddress = { id, name, type, group, depth };
    const its = columns?.get(id);
    if (its) address.columns = its === 'any' ? null : [...its].sort();
    told.push(address);
  }
  return told;
}

/** Those of several pipelines come together, as a walk tells edges with the same ends one after the other. */
function writeEdges(writer: JsonWriter, { edges, pipelines }: Neighbourhood): void {
  const names = new Map([...pipelines].map(([id, { name }]) => [id, JSON.stringify(name)]));
  const nameOf = ({ pipeline }: ColumnEdge) => names.get(pipeline) ?? '""';
  writer.list(byEnds(edges), (same) => {
    const [{ source, target }] = same;
    const through = same.length === 1 ? nameOf(same[0]) : same.map(nameOf).join(',');
    const ends = `"source":${source},"target":${target}`;
    return `{${ends},"pipelines":[${through}]${columnsOf(same, pipelines)}}`;
  });
}

type SameEnds = [ColumnEdge, ...ColumnEdge[]];

function byEnds(edges: readonly ColumnEdge[]): SameEnds[] {
  const groups: SameEnds[] = [];
  for (const edge of edges) {
    const latest = groups.at(-1);
    if (latest && edge.source === latest[0].source && edge.target === latest[0].target)
      latest.push(edge);
    else groups.push([edge]);
  }
  return groups;
}

function columnsOf(same: SameEnds, pipelines: Neighbourhood['pipelines']): string {
  if (!same.some(({ columns }) => columns)) return '';
  const flows = same.flatMap(({ pipeline, columns = [] }) =>
    columns.map(({ from, to, except }): ColumnFlow => {
      const name = pipelines.get(pipeline)?.name ?? '';
      return { pipeline: name, from, to, ...(except.length > 0 && { except: [...except] }) };
    }),
  );
  return flows.length > 0 ? `,"columns":${JSON.stringify(flows)}` : '';
}

function toPipelines({
  edges,
  distances,
  addresses,
  pipelines,
}: Neighbourhood): AffectedPipeline[] {
  const affected = new Map<number, { depth: number; reads: Set<number>; writes: Set<number> }>();
  for (const { source, target, pipeline } of edges) {
    const depth = (distances.get(source) ?? 0) + 1;
    let one = affected.get(pipeline);
    if (!one) affected.set(pipeline, (one = { depth, reads: new Set(), writes: new Set() }));
    one.depth = Math.min(one.depth, depth);
    one.reads.add(source);
    one.writes.add(target);
  }
  const namesOf = (ids: ReadonlySet<number>) => [...ids].map((id) => addresses.get(id)?.name ?? '');
  return [...affected]
    .flatMap(([id, { depth, reads, writes }]) => {
      const known = pipelines.get(id);
      if (!known) return [];
      const { name, type, tags, active } = known;
      const told = { name, type, tags: [...tags], active, depth };
      return [{ ...told, reads: namesOf(reads), writes: namesOf(writes) }];
    })
    .sort((one, other) => one.depth - other.depth);
}
