/** An address by its name. */
export type AddressName = string;

export interface Origin {
  readonly address: AddressName;
  readonly column: string;
}

export interface RelationColumn {
  /** Undefined: it has a name that only the database knows. */
  readonly name: string | undefined;
  readonly from: readonly Origin[];
}

/** Every column but for these, under its own name, each from all of these addresses (a UNION's sides). */
export interface Passed {
  readonly addresses: readonly AddressName[];
  readonly except: readonly string[];
}

/** Rows, as far as their origin is known without a database. */
export interface Relation {
  readonly addresses: ReadonlySet<AddressName>;
  /** In their order, as long as nothing is passed. */
  readonly columns: readonly RelationColumn[];
  readonly passed: readonly Passed[];
  /** It has columns, or may have, of which nothing is known. */
  readonly vague: boolean;
}

export const NOTHING: Relation = { addresses: new Set(), columns: [], passed: [], vague: false };

/** All rows of addresses whose columns have the same names. */
export function rowsOf(...addresses: readonly AddressName[]): Relation {
  return {
    addresses: new Set(addresses),
    columns: [],
    passed: [{ addresses, except: [] }],
    vague: false,
  };
}

/** Rows made from these in a way that nobody can follow. */
export function madeFrom(relations: readonly Relation[]): Relation {
  return { addresses: addressesOf(relations), columns: [], passed: [], vague: true };
}

export function addressesOf(relations: readonly Relation[]): Set<AddressName> {
  return new Set(relations.flatMap(({ addresses }) => [...addresses]));
}

/** Names of SQL are equal whatever their case. */
export function sameName(one: string, other: string | undefined): boolean {
  return one.toLowerCase() === other?.toLowerCase();
}

/** Where a column comes from; undefined when the relation has none of this name for certain. */
export function findColumn(relation: Relation, name: string): readonly Origin[] | undefined {
  const named = relation.columns.filter((column) => sameName(name, column.name));
  return named.length === 0 ? undefined : uniqueOrigins(named.flatMap(({ from }) => from));
}

/** The origin of a column, when only one of the parts that are passed on can have it. */
export function findPassed({ passed, vague }: Relation, name: string): readonly Origin[] {
  const open = passed.filter(({ except }) => !except.some((each) => sameName(each, name)));
  const [only] = open;
  if (open.length !== 1 || !only || vague) return [];
  return only.addresses.map((address) => ({ address, column: name }));
}

export function mayHaveMore({ passed, vague }: Relation): boolean {
  return vague || passed.length > 0;
}

/** The same rows with other names for their first columns. */
export function renamed(relation: Relation, names: readonly string[]): Relation {
  if (names.length === 0) return relation;
  if (mayHaveMore(relation)) return madeFrom([relation]);
  const columns = relation.columns.map((column, at) => ({
    ...column,
    name: names[at] ?? column.name,
  }));
  return { ...relation, columns };
}

export function uniqueOrigins(origins: readonly Origin[]): Origin[] {
  return [...new Map(origins.map((each) => [`${each.address}\0${each.column}`, each])).values()];
}
