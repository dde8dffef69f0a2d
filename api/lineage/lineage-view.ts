import { farEndOf } from '../../metadata/lineage/graph.ts';
import type { ColumnFlow } from '../../metadata/lineage/trace.ts';
import type {
  AffectedPipeline,
  Impact,
  Lineage,
  LineageAddress,
  LineageEdge,
} from '../contract/lineage.ts';
import type { Neighbourhood } from './load-lineage.ts';

export function toLineage(part: Neighbourhood): Lineage {
  const { address, direction } = part;
  return {
    address: { id: address.id, name: address.name },
    direction,
    addresses: toAddresses(part),
    edges: toEdges(part),
  };
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

/** The edges of an address come together: what led to another one last is all that must be kept of it. */
function toEdges({ edges, pipelines, direction }: Neighbourhood): LineageEdge[] {
  const told: LineageEdge[] = [];
  const far = farEndOf(direction);
  const latest = new Map<number, LineageEdge>();
  for (const stored of edges) {
    const { source, target, pipeline, columns } = stored;
    const before = latest.get(stored[far]);
    const isSame = before?.source === source && before.target === target;
    const edge = isSame ? before : { source, target, pipelines: [] };
    if (!isSame) {
      told.push(edge);
      latest.set(stored[far], edge);
    }
    const name = pipelines.get(pipeline)?.name ?? '';
    edge.pipelines.push(name);
    if (!columns) continue;
    edge.columns = [...(edge.columns ?? []), ...columns.map((flow) => toFlow(name, flow))];
  }
  return told;
}

function toFlow(pipeline: string, { from, to, except }: ColumnFlow) {
  return { pipeline, from, to, ...(except.length > 0 && { except: [...except] }) };
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
