import type { ColumnEdges } from '../../metadata/lineage/trace.ts';
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

/** Those of several pipelines come together. */
function writeEdges(writer: JsonWriter, { edges, pipelines }: Neighbourhood): void {
  const { sources, targets } = edges;
  const names = new Map([...pipelines].map(([id, { name }]) => [id, JSON.stringify(name)]));
  const nameAt = (at: number) => names.get(edges.pipelines[at] ?? 0) ?? '""';
  const hasSameEnds = (one: number, other: number) =>
    sources[one] === sources[other] && targets[one] === targets[other];
  let before = '[';
  for (let at = 0, end = 0; at < sources.length; at = end) {
    let through = nameAt(at);
    for (end = at + 1; hasSameEnds(at, end); end += 1) through += `,${nameAt(end)}`;
    const ends = `"source":${sources[at]},"target":${targets[at]}`;
    const columns = columnsOf(edges, at, end, pipelines);
    writer.text(`${before}{${ends},"pipelines":[${through}]${columns}}`);
    before = ',';
  }
  writer.text(before === '[' ? '[]' : ']');
}

function columnsOf(
  edges: ColumnEdges,
  first: number,
  end: number,
  pipelines: Neighbourhood['pipelines'],
): string {
  if (!edges.columns) return '';
  const flows = edges.columns.slice(first, end).flatMap((columns = [], at) =>
    columns.map(({ from, to, except }): ColumnFlow => {
      const pipeline = pipelines.get(edges.pipelines[first + at] ?? 0)?.name ?? '';
      return { pipeline, from, to, ...(except.length > 0 && { except: [...except] }) };
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
  edges.pipelines.forEach((pipeline, at) => {
    const [source, target] = [edges.sources[at] ?? 0, edges.targets[at] ?? 0];
    const depth = (distances.get(source) ?? 0) + 1;
    let one = affected.get(pipeline);
    if (!one) affected.set(pipeline, (one = { depth, reads: new Set(), writes: new Set() }));
    one.depth = Math.min(one.depth, depth);
    one.reads.add(source);
    one.writes.add(target);
  });
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
