import type { Plan, PlannedBlock } from '../plan.ts';
import { addressOf, type Dataset, type Places } from './dataset.ts';
import type { Statement, TableName } from './query.ts';
import { madeFrom, NOTHING, rowsOf, type AddressName, type Relation } from './relation.ts';
import { resolveStatements, type Flow } from './resolve-statements.ts';

/** What a plan's runs read and write, and which column comes from which. */
export interface PlanLineage {
  readonly datasets: readonly Dataset[];
  readonly inputs: readonly AddressName[];
  readonly outputs: readonly PlanOutput[];
}

export interface PlanOutput {
  readonly address: AddressName;
  /** The block whose output it holds; null where a statement fills it. */
  readonly filledBy: string | null;
  /** Every address that its rows are made from. */
  readonly sources: readonly AddressName[];
  readonly columns: readonly ColumnEdge[];
}

/** `*` to `*`: every column but `except`, each under its own name. */
export interface ColumnEdge {
  readonly source: AddressName;
  readonly from: string;
  readonly to: string;
  readonly except: readonly string[];
}

/** Found without running anything. `parsed` holds the statements of the blocks that have SQL. */
export function lineageOf(
  plan: Plan,
  parsed: ReadonlyMap<string, readonly Statement[]>,
  places: Places,
): PlanLineage {
  const seen = new Map<AddressName, Dataset>();
  const note = (dataset: Dataset): AddressName => {
    const address = addressOf(dataset);
    seen.set(address, dataset);
    return address;
  };
  const noting = {
    file: (path: string) => note(places.file(path)),
    table: (connection: string, name: TableName) => note(places.table(connection, name)),
  };

  const rows = new Map<string, Relation>();
  const flows: (Flow & Pick<PlanOutput, 'filledBy'>)[] = [];
  for (const block of plan.blocks) {
    const inputs = block.inputs.map(({ alias, block: name }) => ({
      alias,
      relation: rows.get(name) ?? madeFrom([]),
    }));
    const result = followBlock(block, { inputs, statements: parsed.get(block.name) ?? [], noting });
    rows.set(block.name, result.output);
    flows.push(...result.flows.map((flow) => ({ filledBy: null, ...flow })));
  }
  const outputs = outputsOf(flows);
  const written = new Set(flows.map(({ into }) => into));
  const read = new Set(
    [...rows.values(), ...flows.map((flow) => flow.rows)].flatMap(({ addresses }) => [
      ...addresses,
    ]),
  );
  return {
    datasets: [...seen]
      .filter(([address]) => read.has(address) || written.has(address))
      .map(([, dataset]) => dataset),
    inputs: [...read],
    outputs,
  };
}

interface BlockParts {
  readonly inputs: readonly { readonly alias: string; readonly relation: Relation }[];
  readonly statements: readonly Statement[];
  readonly noting: {
    file(path: string): AddressName;
    table(connection: string, name: TableName): AddressName;
  };
}

interface BlockOutcome {
  readonly output: Relation;
  readonly flows: readonly (Flow & Partial<Pick<PlanOutput, 'filledBy'>>)[];
}

function followBlock({ work, inputs: [first] }: PlannedBlock, parts: BlockParts): BlockOutcome {
  const { inputs, statements, noting } = parts;
  const relations = inputs.map(({ relation }) => relation);
  const [only = NOTHING] = relations;
  const filledBy = first?.block ?? null;
  switch (work.type) {
    case 'code':
      return { output: madeFrom(relations), flows: [] };
    case 'check_file':
    case 'check_query':
    case 'check_url':
    case 'check_pipeline':
    case 'pipeline':
      return { output: NOTHING, flows: [] };
    case 'read_file':
      return { output: rowsOf(noting.file(work.file)), flows: [] };
    case 'write_file':
      return { output: NOTHING, flows: [{ into: noting.file(work.file), rows: only, filledBy }] };
    case 'write_table': {
      const into = noting.table(work.connection, work.table.split('.'));
      return { output: NOTHING, flows: [{ into, rows: only, filledBy }] };
    }
    case 'read_table':
    case 'sql': {
      const { connection } = work;
      return resolveStatements(statements, {
        inputs: new Map(inputs.map(({ alias, relation }) => [alias.toLowerCase(), relation])),
        file: (path) => noting.file(path),
        table: (name) =>
          connection === null ? fileNamed(name, noting) : tableNamed(name, connection, noting),
      });
    }
  }
}

const FILE = /[/\\*]|\.(csv|tsv|txt|json|jsonl|ndjson|parquet)(\.(gz|zst))?$/i;

/** DuckDB has no tables but the block's own; `FROM 'a.csv'` reads a file. */
function fileNamed(name: TableName, noting: BlockParts['noting']): AddressName | undefined {
  const [path = ''] = name;
  return name.length === 1 && FILE.test(path) ? noting.file(path) : undefined;
}

const CATALOGS = new Set(['pg_catalog', 'information_schema']);

function tableNamed(
  name: TableName,
  connection: string,
  noting: BlockParts['noting'],
): AddressName | undefined {
  const [schema] = name.slice(-2);
  const isCatalog = name.length > 1 ? CATALOGS.has(schema ?? '') : name[0]?.startsWith('pg_');
  return isCatalog ? undefined : noting.table(connection, name);
}

/** One output for each address, however often it is written. */
function outputsOf(flows: readonly (Flow & Pick<PlanOutput, 'filledBy'>)[]): PlanOutput[] {
  const byAddress = new Map<AddressName, (Flow & Pick<PlanOutput, 'filledBy'>)[]>();
  for (const flow of flows) {
    byAddress.set(flow.into, [...(byAddress.get(flow.into) ?? []), flow]);
  }
  return [...byAddress].map(([address, its]) => ({
    address,
    filledBy: its.length === 1 ? (its[0]?.filledBy ?? null) : null,
    sources: [...new Set(its.flatMap(({ rows }) => [...rows.addresses]))],
    columns: uniqueEdges(its.flatMap(({ rows }) => columnEdges(rows))),
  }));
}

function columnEdges({ columns, passed }: Relation): ColumnEdge[] {
  const named = columns.flatMap(({ name, from }) =>
    name === undefined
      ? []
      : from.map(({ address, column }) => ({
          source: address,
          from: column,
          to: name,
          except: [],
        })),
  );
  const whole = passed.flatMap(({ addresses, except }) =>
    addresses.map((source) => ({ source, from: '*', to: '*', except })),
  );
  return [...named, ...whole];
}

function uniqueEdges(edges: readonly ColumnEdge[]): ColumnEdge[] {
  const keyOf = ({ source, from, to }: ColumnEdge) => [source, from, to].join('\0');
  return [...new Map(edges.map((edge) => [keyOf(edge), edge])).values()];
}
