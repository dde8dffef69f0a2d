import {
  stringsIn,
  tableNameIn,
  toBody,
  toExpression,
  toItem,
  toQuery,
  toSources,
} from './postgres-query.ts';
import { EMPTY, type Cte, type Item, type Query, type Statement, type Write } from './query.ts';
import { nodeIn, nodesIn, textIn, type Node } from './tree.ts';

/** Reads one statement of Postgres' own parser: the `stmt` of a `RawStmt`. */
export function fromPostgres(statement: Node): Statement {
  return toStatement(statement, []);
}

/** `before`: the parts of an outer WITH that come first, for changes that are made inside of it. */
function toStatement(statement: Node, before: readonly Cte[]): Statement {
  const [kind = ''] = Object.keys(statement);
  const node = nodeIn(statement, kind) ?? {};
  const { ctes, writes } = readWith(node, before);
  const own = [...before, ...ctes];
  const changed = (more: readonly Write[], output?: Query): Statement => ({
    writes: [...writes, ...more.map((each) => within(own, each))],
    output: output && { ...output, ctes: [...ctes, ...output.ctes] },
  });
  switch (kind) {
    case 'SelectStmt': {
      const query = { ctes: [], body: toBody(node) };
      const into = nodeIn(nodeIn(node, 'intoClause'), 'rel');
      return into ? changed([created(into, query)]) : changed([], query);
    }
    case 'InsertStmt':
      return changed(inserted(node), returned(node));
    case 'UpdateStmt':
      return changed([updated(node)], returned(node));
    case 'DeleteStmt':
      return changed([deleted(node)], returned(node));
    case 'MergeStmt':
      return changed(merged(node), returned(node));
    case 'CreateTableAsStmt':
      return changed(createdAs(nodeIn(nodeIn(node, 'into'), 'rel'), node));
    case 'ViewStmt':
      return changed(createdAs(nodeIn(node, 'view'), node));
    case 'CreateStmt': {
      const table = nodeIn(node, 'relation');
      return changed(table && isTemporary(table) ? [created(table, NO_QUERY)] : []);
    }
    default:
      return changed([]);
  }
}

const NO_QUERY: Query = { ctes: [], body: EMPTY };

function within(ctes: readonly Cte[], write: Write): Write {
  return { ...write, query: { ...write.query, ctes: [...ctes, ...write.query.ctes] } };
}

function readWith(node: Node, before: readonly Cte[]) {
  const ctes: Cte[] = [];
  const writes: Write[] = [];
  for (const entry of nodesIn(nodeIn(node, 'withClause'), 'ctes')) {
    const cte = nodeIn(entry, 'CommonTableExpr');
    const inner = toStatement(nodeIn(cte, 'ctequery') ?? {}, [...before, ...ctes]);
    writes.push(...inner.writes);
    ctes.push({
      name: textIn(cte, 'ctename') ?? '',
      columns: stringsIn(cte, 'aliascolnames'),
      query: inner.output ?? NO_QUERY,
    });
  }
  return { ctes, writes };
}

function createdAs(table: Node | undefined, node: Node): Write[] {
  const select = nodeIn(nodeIn(node, 'query'), 'SelectStmt');
  if (!table || !select) return [];
  const named = [...stringsIn(node, 'aliases'), ...stringsIn(nodeIn(node, 'into'), 'colNames')];
  const query = toQuery(select);
  if (named.length === 0) return [created(table, query)];
  return [{ ...created(table, query), columns: named }];
}

function created(table: Node, query: Query): Write {
  const into = { kind: 'table', name: tableNameIn(table) } as const;
  return { into, temporary: isTemporary(table), columns: 'named', inPlace: false, query };
}

function isTemporary(table: Node): boolean {
  return textIn(table, 'relpersistence') === 't';
}

function inserted(node: Node): Write[] {
  const table = nodeIn(node, 'relation');
  const select = nodeIn(nodeIn(node, 'selectStmt'), 'SelectStmt');
  if (!table || !select) return [];
  const names = targetNames(nodesIn(node, 'cols'));
  const columns = names.length > 0 ? names : 'unknown';
  return [{ ...created(table, toQuery(select)), temporary: false, columns }];
}

function updated(node: Node): Write {
  const targets = nodesIn(node, 'targetList').map((each) => nodeIn(each, 'ResTarget'));
  return changedInPlace(node, nodesIn(node, 'fromClause'), {
    names: targets.map((target) => textIn(target, 'name') ?? ''),
    values: targets.map((target) => nodeIn(target, 'val')),
  });
}

function deleted(node: Node): Write {
  return changedInPlace(node, [], { names: [], values: [] });
}

function merged(node: Node): Write[] {
  const source = nodeIn(node, 'sourceRelation');
  return nodesIn(node, 'mergeWhenClauses').map((each) => {
    const clause = nodeIn(each, 'MergeWhenClause');
    const targets = nodesIn(clause, 'targetList').map((target) => nodeIn(target, 'ResTarget'));
    const values = nodesIn(clause, 'values');
    return changedInPlace(node, source ? [source] : [], {
      names: targets.map((target) => textIn(target, 'name') ?? ''),
      values: values.length > 0 ? values : targets.map((target) => nodeIn(target, 'val')),
    });
  });
}

interface Assignments {
  readonly names: readonly string[];
  readonly values: readonly (Node | undefined)[];
}

function changedInPlace(node: Node, from: readonly Node[], { names, values }: Assignments): Write {
  const table = nodeIn(node, 'relation') ?? {};
  const items = values.map((value): Item => {
    const expression = toExpression(assigned(value));
    return { kind: 'value', name: undefined, expression };
  });
  const sources = [{ RangeVar: table }, ...from].flatMap((each) => toSources(each));
  const query: Query = { ctes: [], body: { ...EMPTY, from: sources, items } };
  return { ...created(table, query), temporary: false, columns: names, inPlace: true };
}

/** One column of `(a, b) = (SELECT …)`. */
function assigned(value: Node | undefined): unknown {
  const part = nodeIn(value, 'MultiAssignRef');
  const link = nodeIn(nodeIn(part, 'source'), 'SubLink');
  const select = nodeIn(nodeIn(link, 'subselect'), 'SelectStmt');
  if (!select) return value;
  const target = nodesIn(select, 'targetList')[Number(part?.['colno']) - 1];
  return {
    SubLink: { subselect: { SelectStmt: { ...select, targetList: target ? [target] : [] } } },
  };
}

/** What RETURNING answers: rows of the changed table. */
function returned(node: Node): Query | undefined {
  const items = nodesIn(nodeIn(node, 'returningClause'), 'exprs').map(toItem);
  if (items.length === 0) return undefined;
  const merging = nodeIn(node, 'sourceRelation');
  const others = [...nodesIn(node, 'fromClause'), ...nodesIn(node, 'usingClause')];
  const tables = [
    { RangeVar: nodeIn(node, 'relation') ?? {} },
    ...others,
    ...(merging ? [merging] : []),
  ];
  const from = tables.flatMap((each) => toSources(each));
  return { ctes: [], body: { ...EMPTY, from, items } };
}

function targetNames(nodes: readonly Node[]): string[] {
  return nodes.flatMap((node) => textIn(nodeIn(node, 'ResTarget'), 'name') ?? []);
}
