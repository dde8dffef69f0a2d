import {
  EMPTY,
  filteredBy,
  type Expression,
  type Item,
  type Query,
  type Select,
  type Source,
  type TableName,
} from './query.ts';
import { nodeIn, nodesIn, textIn, visit, type Node } from './tree.ts';

/** Reads a `SelectStmt` of Postgres' own parser, but for its WITH. */
export function toBody(select: Node): Query['body'] {
  const operation = textIn(select, 'op') ?? 'SETOP_NONE';
  if (operation === 'SETOP_NONE') return toSelect(select);
  const sides = [nodeIn(select, 'larg'), nodeIn(select, 'rarg')].flatMap((side) =>
    side ? [toQuery(side)] : [],
  );
  const [left, ...others] = sides;
  if (operation !== 'SETOP_UNION' && left) return filteredBy(left, others);
  return { kind: 'set', sides, byName: false };
}

/** A query inside of another: its WITH can't change anything. */
export function toQuery(select: Node): Query {
  const ctes = nodesIn(nodeIn(select, 'withClause'), 'ctes').flatMap((entry) => {
    const cte = nodeIn(entry, 'CommonTableExpr');
    const inner = nodeIn(nodeIn(cte, 'ctequery'), 'SelectStmt');
    const name = textIn(cte, 'ctename');
    if (!inner || name === undefined) return [];
    return [{ name, columns: stringsIn(cte, 'aliascolnames'), query: toQuery(inner) }];
  });
  return { ctes, body: toBody(select) };
}

function toSelect(select: Node): Select {
  const conditions: unknown[] = [];
  const from = nodesIn(select, 'fromClause').flatMap((node) => toSources(node, conditions));
  for (const key of CONDITIONS) conditions.push(select[key]);
  const rows = nodesIn(select, 'valuesLists').map((row) => nodesIn(nodeIn(row, 'List'), 'items'));
  const items = rows.length > 0 ? toValues(rows) : nodesIn(select, 'targetList').map(toItem);
  return { ...EMPTY, from, items, filters: queriesIn(conditions) };
}

const CONDITIONS = [
  ...['whereClause', 'havingClause', 'groupClause', 'sortClause', 'distinctClause'],
  ...['limitCount', 'limitOffset', 'windowClause'],
];

function toValues(rows: readonly (readonly Node[])[]): Item[] {
  const [first = []] = rows;
  return first.map((_, at) => ({
    kind: 'value',
    name: `column${at + 1}`,
    expression: toExpression(rows.map((row) => row[at])),
  }));
}

/** What stands in FROM; the conditions of joins go into `conditions`. */
export function toSources(node: Node, conditions: unknown[] = []): Source[] {
  const [kind = '', value] = Object.entries(node)[0] ?? [];
  const inner = nodeIn(node, kind);
  const alias = textIn(nodeIn(inner, 'alias'), 'aliasname');
  const columns = stringsIn(nodeIn(inner, 'alias'), 'colnames');
  switch (kind) {
    case 'RangeVar':
      return [{ alias, columns, of: { kind: 'table', name: tableNameIn(inner) } }];
    case 'RangeSubselect': {
      const select = nodeIn(nodeIn(inner, 'subquery'), 'SelectStmt');
      return select ? [{ alias, columns, of: { kind: 'query', query: toQuery(select) } }] : [];
    }
    case 'JoinExpr':
      conditions.push(inner?.['quals']);
      return [nodeIn(inner, 'larg'), nodeIn(inner, 'rarg')].flatMap((side) =>
        side ? toSources(side, conditions) : [],
      );
    default:
      return [{ alias, columns, of: { kind: 'computed', expression: toExpression(value) } }];
  }
}

export function tableNameIn(node: Node | undefined): TableName {
  return ['catalogname', 'schemaname', 'relname'].flatMap((key) => textIn(node, key) ?? []);
}

export function toItem(node: Node): Item {
  const target = nodeIn(node, 'ResTarget');
  const value = nodeIn(target, 'val');
  const fields = nodesIn(nodeIn(value, 'ColumnRef'), 'fields');
  if (fields.some((field) => 'A_Star' in field)) {
    return { kind: 'star', of: stringsOf(fields).at(-1), except: [], instead: [] };
  }
  const name = textIn(target, 'name') ?? madeUpName(value);
  return { kind: 'value', name, expression: toExpression(value) };
}

/** The name that Postgres gives to a column without one (parse_target.c, FigureColname). */
function madeUpName(value: Node | undefined): string | undefined {
  const column = stringsOf(nodesIn(nodeIn(value, 'ColumnRef'), 'fields')).at(-1);
  const call = stringsIn(nodeIn(value, 'FuncCall'), 'funcname').at(-1);
  const cast = nodeIn(value, 'TypeCast');
  return column ?? call ?? (cast && madeUpName(nodeIn(cast, 'arg')));
}

export function toExpression(value: unknown): Expression {
  const columns: string[][] = [];
  const queries: Query[] = [];
  const look = (part: unknown) => {
    visit(part, (node) => {
      const column = nodeIn(node, 'ColumnRef');
      if (column) columns.push(stringsOf(nodesIn(column, 'fields')));
      const link = nodeIn(node, 'SubLink');
      const select = nodeIn(nodeIn(link, 'subselect'), 'SelectStmt');
      if (!select) return !column;
      queries.push(toQuery(select));
      look(link?.['testexpr']);
      return false;
    });
  };
  look(value);
  return { columns, queries };
}

function queriesIn(value: unknown): readonly Query[] {
  return toExpression(value).queries;
}

/** The texts of a list of `String` nodes. */
export function stringsIn(node: Node | undefined, key: string): string[] {
  return stringsOf(nodesIn(node, key));
}

function stringsOf(nodes: readonly Node[]): string[] {
  return nodes.flatMap((node) => textIn(nodeIn(node, 'String'), 'sval') ?? []);
}
