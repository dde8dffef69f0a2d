/** A name as SQL has it: catalog, schema and table, as many of them as were written. */
export type TableName = readonly string[];

/** A query of SQL, as far as lineage needs it, in words that DuckDB and Postgres share. */
export interface Query {
  readonly ctes: readonly Cte[];
  readonly body: Select | SetOperation;
}

export interface Cte {
  readonly name: string;
  /** New names of its first columns. */
  readonly columns: readonly string[];
  readonly query: Query;
}

export interface Select {
  readonly kind: 'select';
  readonly from: readonly Source[];
  readonly items: readonly Item[];
  /** Subqueries that only decide on rows: of WHERE, ON, HAVING, … */
  readonly filters: readonly Query[];
}

export interface SetOperation {
  readonly kind: 'set';
  readonly sides: readonly Query[];
  readonly byName: boolean;
}

/** Something in FROM, under the name by which columns call it. */
export interface Source {
  readonly alias: string | undefined;
  /** New names of its first columns. */
  readonly columns: readonly string[];
  readonly of:
    | { readonly kind: 'table'; readonly name: TableName }
    | { readonly kind: 'files'; readonly paths: readonly string[] }
    | { readonly kind: 'query'; readonly query: Query }
    | { readonly kind: 'anything' }
    /** A table function, VALUES, …: only what its arguments read is known. */
    | { readonly kind: 'computed'; readonly expression: Expression };
}

export type Item =
  | {
      readonly kind: 'value';
      /** Undefined: the database makes one up. */
      readonly name: string | undefined;
      readonly expression: Expression;
    }
  | {
      readonly kind: 'star';
      /** All of FROM when left out. */
      readonly of: string | undefined;
      readonly except: readonly string[];
      /** Columns that are computed anew, or come under another name. */
      readonly instead: readonly { readonly name: string; readonly expression: Expression }[];
    }
  /** Columns that nobody can name from the text alone, such as those of COLUMNS('a.*'). */
  | { readonly kind: 'unknown' };

/** The columns and subqueries that a value is made from. */
export interface Expression {
  /** Each as written: `column`, `relation.column`, `schema.table.column`, `column.field`. */
  readonly columns: readonly (readonly string[])[];
  readonly queries: readonly Query[];
}

/** A change of a table. */
export interface Write {
  readonly into:
    | { readonly kind: 'table'; readonly name: TableName }
    | { readonly kind: 'file'; readonly path: string };
  /** Gone with the session: later statements read it, nobody else does. */
  readonly temporary: boolean;
  /** The query's columns go into these, by position; `named`: under their own names. */
  readonly columns: readonly string[] | 'named' | 'unknown';
  /** The table's own rows, under this name, are no source: it is changed in place. */
  readonly inPlace: boolean;
  readonly query: Query;
}

/** What a statement changes, and the query that it answers rows of. */
export interface Statement {
  readonly writes: readonly Write[];
  readonly output: Query | undefined;
}

/** A SELECT of nothing. */
export const EMPTY: Select = { kind: 'select', from: [], items: [], filters: [] };

const ALL: Item = { kind: 'star', of: undefined, except: [], instead: [] };

/** The rows of a query, some of which others leave out. */
export function filteredBy(query: Query, filters: readonly Query[]): Select {
  const from: Source[] = [{ alias: undefined, columns: [], of: { kind: 'query', query } }];
  return { ...EMPTY, from, items: [ALL], filters };
}

/** A query that no parser could tell of: it may read all that there is. */
export const OPAQUE: Query = {
  ctes: [],
  body: {
    ...EMPTY,
    from: [{ alias: undefined, columns: [], of: { kind: 'anything' } }],
    items: [{ kind: 'unknown' }],
  },
};
