import { byEntry, endsOf, type Direction, type PipelineEdge } from './graph.ts';

/** A column that another one is made from; `*` to `*` is every column but `except`, each under its own name. */
export interface ColumnFlow {
  readonly from: string;
  readonly to: string;
  readonly except: readonly string[];
}

export interface ColumnEdge extends PipelineEdge {
  /** Left out: nobody knows which column goes where. */
  readonly columns?: readonly ColumnFlow[];
}

/** Columns in lower case; `any`: whichever there are. */
export type Columns = ReadonlySet<string> | 'any';

/**
 * By address: the columns that have to do with one column of the start. Where it is not known which column
 * goes where, it may be any.
 */
export function trace(
  edges: readonly ColumnEdge[],
  start: number,
  column: string,
  direction: Direction,
): ReadonlyMap<number, Columns> {
  const entered = byEntry(edges, direction);
  const found = new Map<number, Columns>([[start, new Set([column.toLowerCase()])]]);
  const changed = [start];
  for (let address = changed.pop(); address !== undefined; address = changed.pop()) {
    entered.each(address, (edge) => {
      const { to } = endsOf(edge, direction);
      const more = carried(edge, found.get(address) ?? new Set(), direction);
      const before = found.get(to);
      const after = joined(before, more);
      if (sizeOf(after) === sizeOf(before)) return;
      found.set(to, after);
      changed.push(to);
    });
  }
  return found;
}

/** The edges that carry what was traced, with those of their columns alone that do. */
export function carriers(
  edges: readonly ColumnEdge[],
  traced: ReadonlyMap<number, Columns>,
  direction: Direction,
): ColumnEdge[] {
  return edges.flatMap((edge) => {
    const columns = traced.get(endsOf(edge, direction).from);
    if (columns === undefined) return [];
    if (edge.columns === undefined) return [edge];
    const its = edge.columns.filter((flow) => sizeOf(carriedBy(flow, columns, direction)) > 0);
    return its.length > 0 ? [{ ...edge, columns: its }] : [];
  });
}

function carried(
  { columns: flows = [] }: ColumnEdge,
  columns: Columns,
  direction: Direction,
): Columns {
  if (flows.length === 0) return sizeOf(columns) === 0 ? columns : 'any';
  const carried = new Set<string>();
  for (const flow of flows) {
    const passed = carriedBy(flow, columns, direction);
    if (passed === 'any') return 'any';
    passed.forEach((name) => carried.add(name));
  }
  return carried;
}

/** Those of the columns that go along, under their names at the other end. */
function carriedBy(flow: ColumnFlow, columns: Columns, direction: Direction): Columns {
  const [from, to] = endNames(flow, direction);
  if (from !== '*') return new Set(columns === 'any' || columns.has(from) ? [to] : []);
  if (columns === 'any') return 'any';
  const except = flow.except.map((name) => name.toLowerCase());
  return new Set([...columns].filter((name) => !except.includes(name)));
}

function endNames({ from, to }: ColumnFlow, direction: Direction): [string, string] {
  const [first, second] = [from.toLowerCase(), to.toLowerCase()];
  return direction === 'downstream' ? [first, second] : [second, first];
}

function joined(before: Columns = new Set(), more: Columns): Columns {
  if (before === 'any' || more === 'any') return 'any';
  return new Set([...before, ...more]);
}

function sizeOf(columns: Columns | undefined): number {
  if (columns === undefined) return 0;
  return columns === 'any' ? Infinity : columns.size;
}
