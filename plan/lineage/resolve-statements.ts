import type { Statement, TableName, Write } from './query.ts';
import {
  addressesOf,
  madeFrom,
  mayHaveMore,
  NOTHING,
  renamed,
  rowsOf,
  uniqueOrigins,
  type AddressName,
  type Relation,
  type RelationColumn,
} from './relation.ts';
import { resolveQuery, type Names } from './resolve-query.ts';

/** What a block's SQL finds where it runs. */
export interface Surroundings {
  /** By alias. */
  readonly inputs: ReadonlyMap<string, Relation>;
  /** Undefined: such a table can only be one of the session's own. */
  table(name: TableName): AddressName | undefined;
  file(path: string): AddressName;
}

/** Rows that go into an address, under the names of its own columns. */
export interface Flow {
  readonly into: AddressName;
  readonly rows: Relation;
}

export interface Outcome {
  /** What the last statement that answers rows answers. */
  readonly output: Relation;
  readonly flows: readonly Flow[];
}

/** Follows rows through statements that run one after the other in a session. */
export function resolveStatements(statements: readonly Statement[], around: Surroundings): Outcome {
  const session = new Session(around);
  let output = NOTHING;
  for (const statement of statements) {
    statement.writes.forEach((write) => {
      session.write(write);
    });
    if (statement.output) output = resolveQuery(statement.output, session);
  }
  return { output, flows: session.flows };
}

const OWN_SCHEMAS = new Set(['pg_temp', 'temp', 'main', 'memory']);

class Session implements Names {
  readonly flows: Flow[] = [];
  private readonly around: Surroundings;
  /** Tables that it made for itself. */
  private readonly own = new Map<string, Relation>();

  constructor(around: Surroundings) {
    this.around = around;
  }

  table(name: TableName): Relation {
    const local = ownName(name);
    const found = local && (this.own.get(local) ?? this.around.inputs.get(local));
    if (found) return found;
    const address = this.around.table(name);
    return address === undefined ? madeFrom([]) : rowsOf(address);
  }

  files(paths: readonly string[]): Relation {
    return rowsOf(...paths.map((path) => this.around.file(path)));
  }

  anything(): Relation {
    return madeFrom([...this.around.inputs.values(), ...this.own.values()]);
  }

  write(write: Write): void {
    const rows = rowsInto(write, resolveQuery(write.query, this));
    const local = write.into.kind === 'table' ? ownName(write.into.name) : undefined;
    if (local && (write.temporary || this.own.has(local))) {
      this.own.set(local, poured(write.columns === 'named' ? NOTHING : this.own.get(local), rows));
      return;
    }
    const into = this.addressOf(write.into);
    if (into === undefined) return;
    this.flows.push({ into, rows: write.inPlace ? without(into, rows) : rows });
  }

  private addressOf(into: Write['into']): AddressName | undefined {
    return into.kind === 'file' ? this.around.file(into.path) : this.around.table(into.name);
  }
}

/** The key of a table that only this session can have; undefined for one of another schema. */
function ownName(name: TableName): string | undefined {
  const qualifiers = name.slice(0, -1);
  if (!qualifiers.every((each) => OWN_SCHEMAS.has(each.toLowerCase()))) return undefined;
  return name.at(-1)?.toLowerCase();
}

function rowsInto({ columns }: Write, rows: Relation): Relation {
  if (columns === 'named') return rows;
  if (mayHaveMore(rows)) return madeFrom([rows]);
  if (columns === 'unknown') return { ...rows, columns: rows.columns.map(unnamed) };
  return renamed({ ...rows, columns: rows.columns.slice(0, columns.length) }, columns);
}

function unnamed({ from }: RelationColumn): RelationColumn {
  return { name: undefined, from };
}

/** The rows of a table after more were inserted into it. */
function poured(before: Relation = NOTHING, added: Relation): Relation {
  if (before.addresses.size === 0 && before.columns.length === 0) return added;
  const fits = before.columns.length === added.columns.length;
  if (mayHaveMore(before) || mayHaveMore(added) || !fits) return madeFrom([before, added]);
  const columns = before.columns.map(({ name, from }, at) => ({
    name,
    from: uniqueOrigins([...from, ...(added.columns[at]?.from ?? [])]),
  }));
  return { ...before, addresses: addressesOf([before, added]), columns };
}

/** The same rows, as if nothing came from this address. */
function without(address: AddressName, rows: Relation): Relation {
  const columns = rows.columns.map(({ name, from }) => ({
    name,
    from: from.filter((origin) => origin.address !== address),
  }));
  const others = [...rows.addresses].filter((each) => each !== address);
  return { ...rows, addresses: new Set(others), columns };
}
