import type { TableName } from './query.ts';
import type { AddressName } from './relation.ts';

/** A place of data, named as OpenLineage names it: https://openlineage.io/docs/spec/naming */
export interface Dataset {
  readonly namespace: string;
  readonly name: string;
  readonly type: string;
  readonly group: string;
  /** Of a table. */
  readonly database?: string;
  readonly schema?: string;
  readonly table?: string;
}

/** Where the files and tables that a plan names really are. */
export interface Places {
  file(path: string): Dataset;
  table(connection: string, name: TableName): Dataset;
}

/** One name for a namespace and a name within it: `postgres://db:5432/shop.public.orders`, `file:/data/a.csv`. */
export function addressOf({ namespace, name }: Pick<Dataset, 'namespace' | 'name'>): AddressName {
  if (!namespace.includes('://')) return `${namespace}:${name}`;
  return `${namespace.replace(/\/$/, '')}/${name.replace(/^\//, '')}`;
}
