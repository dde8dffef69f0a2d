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
  return [...distances].flatMap(([id, depth]) => {
    const found = addresses.get(id);
    if (!found) return [];
    const { name, type, group } = found;
    const its = columns?.get(id);
    return {
      id,
      name,
      type,
      group,
      depth,
      ...(its && { columns: its === 'any' ? null : [...its].sort() }),
    };
  });
}

function toEdges({ edges, pipelines }: Neighbourhood): LineageEdge[] {
  const byEnds = new Map<string, LineageEdge>();
  for (const { source, target, pipeline, columns } of edges) {
    const key = `${source} ${target}`;
    const edge = byEnds.get(key) ?? { source, target, pipelines: [] };
    byEnds.set(key, edge);
    edge.pipelines.push({
      name: pipelines.get(pipeline)?.name ?? '',
      ...(columns.length > 0 && { columns: columns.map(toFlow) }),
    });
  }
  return [...byEnds.values()];
}

function toFlow({ from, to, except }: ColumnFlow) {
  return { from, to, ...(except.length > 0 && { except: [...except] }) };
}

function toPipelines({
  edges,
  distances,
  addresses,
  pipelines,
}: Neighbourhood): AffectedPipeline[] {
  const affected = new Map<number, AffectedPipeline>();
  const nameOf = (id: number) => addresses.get(id)?.name ?? '';
  for (const { source, target, pipeline } of edges) {
    const known = pipelines.get(pipeline);
    if (!known) continue;
    const { name, type, tags, active } = known;
    const depth = (distances.get(source) ?? 0) + 1;
    const one = affected.get(pipeline) ?? {
      ...{ name, type, tags: [...tags], active, depth, reads: [], writes: [] },
    };
    affected.set(pipeline, one);
    one.depth = Math.min(one.depth, depth);
    if (!one.reads.includes(nameOf(source))) one.reads.push(nameOf(source));
    if (!one.writes.includes(nameOf(target))) one.writes.push(nameOf(target));
  }
  return [...affected.values()].sort((a, b) => a.depth - b.depth);
}
