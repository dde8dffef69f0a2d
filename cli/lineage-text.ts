import pc from 'picocolors';
import type { Impact, Lineage, LineageAddress } from '../api/contract/lineage.ts';
import { inColumns } from './columns.ts';

/** One line for each address on the way, with the pipelines that lead to it. */
export function lineageLines({ direction, addresses, edges }: Lineage): string[] {
  const [near, far] =
    direction === 'downstream' ? (['source', 'target'] as const) : (['target', 'source'] as const);
  const depths = new Map(addresses.map(({ id, depth }) => [id, depth]));
  const pipelinesTo = ({ id, depth }: LineageAddress): string => {
    const leading = edges.filter(
      (edge) => edge[far] === id && depths.get(edge[near]) === depth - 1,
    );
    const names = leading.flatMap(({ pipelines }) => pipelines);
    return [...new Set(names)].join(', ');
  };
  const others = addresses.filter(({ depth }) => depth > 0);
  if (others.length === 0) return [`Nothing ${direction}.`];
  const head = [
    'DEPTH',
    direction === 'downstream' ? 'TO' : 'FROM',
    'THROUGH',
    ...columnTitle(others),
  ];
  return inColumns([
    head.map((title) => pc.dim(title)),
    ...others.map((address) => [
      String(address.depth),
      address.name,
      pipelinesTo(address),
      ...columnCell(address),
    ]),
  ]);
}

/** The pipelines that a change touches, the nearest first, and how many addresses. */
export function impactLines({ pipelines, addresses }: Impact): string[] {
  if (pipelines.length === 0) return ['No pipeline reads it.'];
  const head = ['DEPTH', 'PIPELINE', 'TYPE', 'WRITES'].map((title) => pc.dim(title));
  const rows = pipelines.map(({ depth, name, type, active, writes }) => [
    String(depth),
    active ? name : `${name} ${pc.dim('(inactive)')}`,
    type,
    writes.join(', '),
  ]);
  const count = addresses.length - 1;
  return [
    ...inColumns([head, ...rows]),
    `${pipelines.length} ${pipelines.length === 1 ? 'pipeline' : 'pipelines'}, ${count} ${
      count === 1 ? 'address' : 'addresses'
    }`,
  ];
}

function columnTitle(addresses: readonly LineageAddress[]): string[] {
  return addresses.some(({ columns }) => columns !== undefined) ? ['COLUMNS'] : [];
}

function columnCell({ columns }: LineageAddress): string[] {
  if (columns === undefined) return [];
  return [columns === null ? pc.dim('maybe any') : columns.join(', ')];
}
