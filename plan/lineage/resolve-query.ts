import type { Expression, Item, Query, Select, SetOperation, Source, TableName } from './query.ts';
import {
  addressesOf,
  findColumn,
  findPassed,
  madeFrom,
  mayHaveMore,
  NOTHING,
  renamed,
  sameName,
  uniqueOrigins,
  type Origin,
  type Relation,
  type RelationColumn,
} from './relation.ts';

/** What names outside of a query stand for. */
export interface Names {
  table(name: TableName): Relation;
  files(paths: readonly string[]): Relation;
  /** All that a statement can read of which nobody knows what it reads. */
  anything(): Relation;
}

interface Scope {
  readonly names: Names;
  readonly ctes: ReadonlyMap<string, Relation>;
  /** What a subquery's columns may stand for besides its own FROM, the nearest first. */
  readonly outer: readonly (readonly Named[])[];
}

interface Named {
  readonly alias: string | undefined;
  readonly relation: Relation;
}

/** Where the columns that a query answers come from. */
export function resolveQuery(query: Query, names: Names): Relation {
  return resolve(query, { names, ctes: new Map(), outer: [] });
}

function resolve({ ctes, body }: Query, scope: Scope): Relation {
  const known = new Map(scope.ctes);
  const all: Relation[] = [];
  for (const { name, columns, query } of ctes) {
    // A recursive one reads itself: its first part decides what its columns are.
    const first = firstSide(query);
    const key = name.toLowerCase();
    if (first) known.set(key, renamed(resolve(first, { ...scope, ctes: known }), columns));
    const relation = renamed(resolve(query, { ...scope, ctes: known }), columns);
    known.set(key, relation);
    all.push(relation);
  }
  const inner = { ...scope, ctes: known };
  const relation = body.kind === 'select' ? ofSelect(body, inner) : ofSet(body, inner);
  return { ...relation, addresses: addressesOf([relation, ...all]) };
}

function firstSide({ ctes, body }: Query): Query | undefined {
  const side = body.kind === 'set' ? body.sides[0] : undefined;
  return side && { ...side, ctes: [...ctes, ...side.ctes] };
}

function ofSet({ sides, byName }: SetOperation, scope: Scope): Relation {
  const relations = sides.map((side) => resolve(side, scope));
  const [first = NOTHING] = relations;
  const addresses = addressesOf(relations);
  if (relations.some(mayHaveMore)) return passedTogether(relations) ?? madeFrom(relations);
  const columns = byName ? mergedByName(relations) : merged(first, relations);
  return { addresses, columns, passed: [], vague: false };
}

/** Sides that pass on whole addresses have columns of the same names, or they would not fit. */
function passedTogether(relations: readonly Relation[]): Relation | undefined {
  const passed = relations.flatMap((relation) => relation.passed);
  const alike = relations.every(
    (relation) => relation.columns.length === 0 && relation.passed.length === 1 && !relation.vague,
  );
  if (!alike) return undefined;
  const together = {
    addresses: [...new Set(passed.flatMap((each) => each.addresses))],
    except: passed.flatMap(({ except }) => except),
  };
  return { addresses: addressesOf(relations), columns: [], passed: [together], vague: false };
}

function merged(first: Relation, relations: readonly Relation[]): RelationColumn[] {
  return first.columns.map(({ name }, at) => ({
    name,
    from: uniqueOrigins(relations.flatMap(({ columns }) => columns[at]?.from ?? [])),
  }));
}

function mergedByName(relations: readonly Relation[]): RelationColumn[] {
  const names = relations.flatMap(({ columns }) => columns.flatMap(({ name }) => name ?? []));
  const distinct = [...new Map(names.map((name) => [name.toLowerCase(), name])).values()];
  return distinct.map((name) => ({
    name,
    from: uniqueOrigins(relations.flatMap((relation) => findColumn(relation, name) ?? [])),
  }));
}

function ofSelect({ from, items, filters }: Select, scope: Scope): Relation {
  const sources: Named[] = [];
  for (const source of from) {
    // What stands to the right may read what stands to the left (LATERAL).
    const seen = { ...scope, outer: [sources, ...scope.outer] };
    sources.push({ alias: aliasOf(source), relation: ofSource(source, seen) });
  }
  const inner = { ...scope, outer: [sources, ...scope.outer] };
  const selected = new Selected(sources, inner);
  for (const item of items) selected.add(item);
  const filtering = filters.map((query) => resolve(query, inner));
  const read = [...sources.map(({ relation }) => relation), ...selected.queries, ...filtering];
  return { ...selected.relation, addresses: addressesOf(read) };
}

function aliasOf({ alias, of }: Source): string | undefined {
  return alias ?? (of.kind === 'table' ? of.name.at(-1) : undefined);
}

function ofSource({ columns, of }: Source, scope: Scope): Relation {
  switch (of.kind) {
    case 'table':
      return renamed(tableNamed(of.name, scope), columns);
    case 'files':
      return renamed(scope.names.files(of.paths), columns);
    case 'anything':
      return scope.names.anything();
    case 'query':
      return renamed(resolve(of.query, scope), columns);
    case 'computed':
      return madeFrom(of.expression.queries.map((query) => resolve(query, scope)));
  }
}

function tableNamed(name: TableName, { ctes, names }: Scope): Relation {
  const cte = name.length === 1 ? ctes.get(name[0]?.toLowerCase() ?? '') : undefined;
  return cte ?? names.table(name);
}

/** The columns of a SELECT, one item after the other: a later one may read the name of an earlier one. */
class Selected {
  readonly queries: Relation[] = [];
  private readonly sources: readonly Named[];
  private readonly scope: Scope;
  private columns: RelationColumn[] = [];
  private passed: Relation['passed'] = [];
  private vague = false;

  constructor(sources: readonly Named[], scope: Scope) {
    this.sources = sources;
    this.scope = scope;
  }

  get relation(): Relation {
    const { columns, passed, vague } = this;
    return { addresses: new Set(), columns, passed, vague };
  }

  add(item: Item): void {
    if (item.kind === 'unknown') this.vague = true;
    else if (item.kind === 'star') this.addStar(item);
    else this.columns.push({ name: item.name, from: this.originsOf(item.expression) });
  }

  private addStar({ of, except, instead }: Extract<Item, { kind: 'star' }>): void {
    const isHidden = (name: string | undefined) => except.some((each) => sameName(each, name));
    for (const { alias, relation } of this.sources) {
      if (of !== undefined && !sameName(of, alias)) continue;
      this.columns.push(...relation.columns.filter(({ name }) => !isHidden(name)));
      this.passed = [
        ...this.passed,
        ...relation.passed.map((each) => ({ ...each, except: [...each.except, ...except] })),
      ];
      this.vague ||= relation.vague;
    }
    for (const { name, expression } of instead) {
      this.columns.push({ name, from: this.originsOf(expression) });
    }
  }

  private originsOf({ columns, queries }: Expression): Origin[] {
    const answers = queries.map((query) => resolve(query, this.scope));
    this.queries.push(...answers);
    return uniqueOrigins([
      ...columns.flatMap((path) => this.originsOfColumn(path)),
      ...answers.flatMap((answer) => answer.columns.flatMap(({ from }) => from)),
    ]);
  }

  private originsOfColumn(path: readonly string[]): readonly Origin[] {
    const [name = ''] = path;
    const own = path.length === 1 && findColumn(this.relation, name);
    const certain = this.sources.some(({ relation }) => findColumn(relation, name));
    if (own && !certain) return own;
    const { outer } = this.scope;
    const qualified = outer.map((sources) => qualifiedIn(sources, path)).find(isFound);
    if (qualified) return qualified;
    const whole = certain ? undefined : this.sources.find(({ alias }) => sameName(name, alias));
    if (whole) return whole.relation.columns.flatMap(({ from }) => from);
    return outer.map((sources) => columnIn(sources, name)).find(isFound) ?? [];
  }
}

const isFound = (origins: readonly Origin[] | undefined) => origins !== undefined;

/** Undefined: no relation here has such a column. */
function columnIn(sources: readonly Named[], name: string): readonly Origin[] | undefined {
  const certain = sources.flatMap(({ relation }) => findColumn(relation, name) ?? []);
  if (sources.some(({ relation }) => findColumn(relation, name))) return uniqueOrigins(certain);
  const open = sources.filter(({ relation }) => mayHaveMore(relation));
  const [only] = open;
  if (!only) return undefined;
  return open.length === 1 ? findPassed(only.relation, name) : [];
}

/** `relation.column`, or `schema.relation.column`; a field of a column is no column of its own. */
function qualifiedIn(
  sources: readonly Named[],
  path: readonly string[],
): readonly Origin[] | undefined {
  for (let at = 0; at < path.length - 1; at += 1) {
    const [relationName, column] = [path[at] ?? '', path[at + 1] ?? ''];
    const source = sources.find(({ alias }) => sameName(relationName, alias));
    if (source) return findColumn(source.relation, column) ?? findPassed(source.relation, column);
  }
  return undefined;
}
