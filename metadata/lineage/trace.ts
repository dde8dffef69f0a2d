import { byEntry, edgesAt, endsOf, type Direction, type Edges } from './graph.ts';

/** A column that another one is made from; `*` to `*` is every column but `except`, each under its own name. */
export interface ColumnFlow {
  readonly from: string;
  readonly to: string;
  readonly except: readonly string[];
}

export interface ColumnEdges extends Edges {
  /** By the place of an edge; left out: nobody knows which column goes where. */
  readonly columns?: readonly (readonly ColumnFlow[] | undefined)[];
}

/** Columns in lower case; `any`: whichever there are. */
export type Columns = ReadonlySet<string> | 'any';

/**
 * By address: the columns that have to do with one column of the start. Where it is not known which column
 * goes where, it may be any.
 */
export function trace(
  edges: ColumnEdges,
  start: number,
  column: string,
  direction: Direction,
): ReadonlyMap<number, Columns> {
  const entered = byEntry(edges, direction);
  const { to } = endsOf(edges, direction);
  const found = new Map<number, Columns>([[start, new Set([column.toLowerCase()])]]);
  const changed = [start];
  for (let address = changed.pop(); address !== undefined; address = changed.pop()) {
    entered.each(address, (at) => {
      const reached = to[at] ?? 0;
      const more = carried(edges.columns?.[at], found.get(address) ?? new Set(), direction);
      const before = found.get(reached);
      const after = joined(before, more);
      if (sizeOf(after) === sizeOf(before)) return;
      found.set(reached, after);
      changed.push(reached);
    });
  }
  return found;
}

/** The edges that carry what was traced, with those of their columns alone that do. */
export function carriers(
  edges: ColumnEdges,
  traced: ReadonlyMap<number, Columns>,
  direction: Direction,
): ColumnEdges {
  const places: number[] = [];
  const kept: (readonly ColumnFlow[] | undefined)[] = [];
  endsOf(edges, direction).from.forEach((address, at) => {
    const columns = traced.get(address);
    if (columns === undefined) return;
    const its = edges.columns?.[at]?.filter(
      (flow) => sizeOf(carriedBy(flow, columns, direction)) > 0,
    );
    if (its?.length === 0) return;
    places.push(at);
    kept.push(its);
  });
  return { ...edgesAt(edges, Int32Array.from(places)), columns: kept };
}

function carried(
  flows: readonly ColumnFlow[] = [],
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
