import {
  EMPTY,
  filteredBy,
  type Cte,
  type Expression,
  type Item,
  type Query,
  type Select,
  type Source,
} from './query.ts';
import { nodeIn, nodesIn, textIn, textsIn, visit, type Node } from './tree.ts';

const FILE_READERS =
  /^(read_(csv|csv_auto|parquet|json|json_auto|ndjson|ndjson_auto|text|blob)|parquet_scan)$/;
/** Rows of the right side only decide which rows of the left side stay. */
const LEFT_ONLY = /^(EXCEPT|INTERSECT)/;

/** Reads what DuckDB's `json_serialize_sql` makes of a SELECT: its `node`. */
export function fromDuckdb(node: Node): Query {
  const ctes = nodesIn(nodeIn(node, 'cte_map'), 'map').flatMap(toCte);
  switch (textIn(node, 'type') ?? '') {
    case 'SELECT_NODE':
      return { ctes, body: toSelect(node) };
    case 'SET_OPERATION_NODE':
    case 'RECURSIVE_CTE_NODE':
      return { ctes, body: toSet(node) };
    default:
      return { ctes, body: { ...EMPTY, items: [{ kind: 'unknown' }], filters: queriesIn(node) } };
  }
}

function toCte(entry: Node): Cte[] {
  const value = nodeIn(entry, 'value');
  const node = nodeIn(nodeIn(value, 'query'), 'node');
  const name = textIn(entry, 'key');
  if (!node || name === undefined) return [];
  return [{ name, columns: textsIn(value, 'aliases'), query: fromDuckdb(node) }];
}

function toSet(node: Node): Query['body'] {
  const operation = textIn(node, 'setop_type') ?? '';
  const sides = [nodeIn(node, 'left'), nodeIn(node, 'right')].flatMap((side) =>
    side ? [fromDuckdb(side)] : [],
  );
  const [left, ...others] = sides;
  if (LEFT_ONLY.test(operation) && left) return filteredBy(left, others);
  return { kind: 'set', sides, byName: operation.endsWith('BY_NAME') };
}

function toSelect(node: Node): Select {
  const conditions: unknown[] = [];
  const from = toSources(nodeIn(node, 'from_table'), conditions);
  const { where_clause, having, qualify, group_expressions, modifiers } = node;
  conditions.push(where_clause, having, qualify, group_expressions, modifiers);
  return {
    kind: 'select',
    from,
    items: nodesIn(node, 'select_list').map(toItem),
    filters: queriesIn(conditions),
  };
}

function toSources(node: Node | undefined, conditions: unknown[]): Source[] {
  if (!node) return [];
  const alias = textIn(node, 'alias');
  const columns = textsIn(node, 'column_name_alias');
  switch (textIn(node, 'type') ?? '') {
    case 'EMPTY':
      return [];
    case 'JOIN':
      conditions.push(node['condition']);
      return [nodeIn(node, 'left'), nodeIn(node, 'right')].flatMap((side) =>
        toSources(side, conditions),
      );
    case 'BASE_TABLE': {
      const name = ['catalog_name', 'schema_name', 'table_name'];
      const parts = name.flatMap((key) => textIn(node, key) ?? []);
      return [{ alias, columns, of: { kind: 'table', name: parts } }];
    }
    case 'SUBQUERY': {
      const inner = nodeIn(nodeIn(node, 'subquery'), 'node');
      return inner ? [{ alias, columns, of: { kind: 'query', query: fromDuckdb(inner) } }] : [];
    }
    case 'TABLE_FUNCTION':
      return [{ alias, columns, of: toFunction(nodeIn(node, 'function')) }];
    default:
      return [{ alias, columns, of: computed(node) }];
  }
}

function toFunction(call: Node | undefined): Source['of'] {
  const isReader = FILE_READERS.test(textIn(call, 'function_name') ?? '');
  const paths = isReader ? constantsIn(nodesIn(call, 'children')[0]) : [];
  return paths.length > 0 ? { kind: 'files', paths } : computed(call);
}

/** The names of options look like columns here, so none is told. */
function computed(node: unknown): Source['of'] {
  return { kind: 'computed', expression: { columns: [], queries: queriesIn(node) } };
}

/** The path, or the list of paths, that a function was given. */
function constantsIn(argument: Node | undefined): string[] {
  const parts =
    textIn(argument, 'class') === 'CONSTANT' ? [argument] : nodesIn(argument, 'children');
  return parts.flatMap((part) => textIn(nodeIn(part, 'value'), 'value') ?? []);
}

function toItem(node: Node): Item {
  if (textIn(node, 'class') !== 'STAR') {
    const path = textIn(node, 'class') === 'COLUMN_REF' ? textsIn(node, 'column_names') : [];
    const name = textIn(node, 'alias') ?? path.at(-1);
    return { kind: 'value', name, expression: toExpression(node) };
  }
  if (node['columns'] === true) return { kind: 'unknown' };
  const renames = nodesIn(node, 'rename_list').map((entry) => ({
    from: textIn(nodeIn(entry, 'key'), 'column') ?? '',
    to: textIn(entry, 'value') ?? '',
  }));
  const left = nodesIn(node, 'qualified_exclude_list').flatMap(
    (each) => textIn(each, 'column') ?? [],
  );
  const replaced = nodesIn(node, 'replace_list').map((entry) => ({
    name: textIn(entry, 'key') ?? '',
    expression: toExpression(entry['value']),
  }));
  const gone = [...left, ...replaced.map(({ name }) => name), ...renames.map(({ from }) => from)];
  return {
    kind: 'star',
    of: textIn(node, 'relation_name'),
    except: [...textsIn(node, 'exclude_list'), ...gone],
    instead: [
      ...replaced,
      ...renames.map(({ from, to }) => ({
        name: to,
        expression: { columns: [[from]], queries: [] },
      })),
    ],
  };
}

function toExpression(value: unknown): Expression {
  const columns: string[][] = [];
  const bound = new Set<string>();
  visit(value, (node) => {
    if (textIn(node, 'class') === 'LAMBDA')
      columnsIn(node['lhs']).forEach(([name = '']) => bound.add(name));
    return !isSubquery(node);
  });
  columns.push(...columnsIn(value));
  return {
    columns: columns.filter(([first = '']) => !bound.has(first)),
    queries: queriesIn(value),
  };
}

function columnsIn(value: unknown): string[][] {
  const found: string[][] = [];
  visit(value, (node) => {
    if (textIn(node, 'class') === 'COLUMN_REF') found.push(textsIn(node, 'column_names'));
    return !isSubquery(node);
  });
  return found;
}

function queriesIn(value: unknown): Query[] {
  const found: Query[] = [];
  visit(value, (node) => {
    const inner = nodeIn(nodeIn(node, 'subquery'), 'node') ?? nodeIn(node, 'query');
    if (inner && textIn(inner, 'type')?.endsWith('_NODE')) {
      found.push(fromDuckdb(inner));
      return false;
    }
    return true;
  });
  return found;
}

function isSubquery(node: Node): boolean {
  return nodeIn(node, 'subquery') !== undefined;
}
