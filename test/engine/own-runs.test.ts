import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Run } from '../../api/contract/run.ts';
import { startEngine, type Engine } from '../support/engine.ts';
import { typescript } from '../support/project.ts';
import { until } from '../support/until.ts';

const FILES = {
  'pipelines/day.yaml': `params: { returned: { type: boolean, default: false } }
blocks:
  stock: { kind: pipeline, pipeline: stock, params: { returned: '\${{ params.returned }}' } }
  report: { kind: pipeline, pipeline: report, after: [stock] }
`,
  'pipelines/stock.yaml': `type: ingestion
metadata: { Owner: shop }
params: { returned: { type: boolean } }
blocks:
  orders: { kind: loader, file: orders.sql }
  current:
    kind: exporter
    inputs: [orders]
    to: { connection: warehouse, table: orders, mode: merge, keys: [id], soft_delete: gone }
  audit: { kind: pipeline, pipeline: audit, after: [current] }
`,
  'pipelines/audit.yaml': `blocks:
  rows: { kind: loader, from: { connection: warehouse, query: select id from orders where id < 3 } }
  write: { kind: exporter, inputs: [rows], to: { connection: warehouse, table: audit } }
`,
  'pipelines/report.yaml': `blocks:
  totals: { kind: exporter, file: totals.sql, connection: warehouse }
  mail: { kind: exporter, file: mail.ts, after: [totals] }
  dial: { kind: exporter, file: dial.py, after: [totals] }
`,
  'blocks/mail.ts': typescript('return { inserts: 20, updates: 0 };'),
  'blocks/dial.py': `from highwater import block

@block
def dial():
    return {"updates": 300}
`,
  'blocks/orders.sql': `
select range::int as id, 'c' || (range % 2) as customer, range * 10 as amount, $returned and range = 1 as gone
from range(4)`,
  'blocks/totals.sql': `
create table if not exists totals (buyer text primary key, spent numeric);
with known as (select distinct id from audit),
     per as (select o.customer, sum(o.amount) as amount from orders o left join known k on k.id = o.id group by 1)
insert into totals (buyer, spent) select customer, amount from per
on conflict (buyer) do update set spent = excluded.spent;`,
};

type Execution = Readonly<Record<string, unknown>> & {
  readonly child_executions: readonly Execution[];
};

let engine: Engine;
let first: Run;
let second: Run;

beforeAll(async () => {
  engine = await startEngine(FILES);
  first = await engine.run('day');
  second = await engine.run('day', { params: { returned: true } });
  expect([first.state, second.state]).toEqual(['succeeded', 'succeeded']);
});
afterAll(() => engine.stop());

async function get<Answer>(path: string): Promise<Answer> {
  const response = await fetch(engine.url + path);
  expect(response.status).toBe(200);
  return (await response.json()) as Answer;
}

const execution = (id: unknown) => get<Execution>(`/pipeline_execution/${String(id)}`);

/** What the executions below a run of `day` wrote: of its stock, of the audit below that, of its report. */
async function countsBelow({ id }: Run) {
  const { child_executions: children } = await execution(id);
  const [stock, report] = await Promise.all(children.map((child) => execution(child['id'])));
  return [stock, ...(stock?.child_executions ?? []), report].map((each) => [
    ...[each?.['inserts'], each?.['updates'], each?.['soft_deletes'], each?.['total_rows']],
  ]);
}

test('a run counts what its exporters inserted, updated and marked as deleted, by code of their own too', async () => {
  expect(await countsBelow(first)).toEqual([
    [4, 0, 0, 4],
    [3, 0, 0, 3],
    [22, 300, 0, 322],
  ]);
  expect(await countsBelow(second)).toEqual([
    [0, 3, 1, 4],
    [3, 0, 0, 3],
    [20, 302, 0, 322],
  ]);
  expect(await execution(second.id)).toMatchObject({
    ...{ completed_successfully: true, total_rows: 0, parent_id: null },
  });
});

test('its pipeline knows when its data were last written, and in which way', async () => {
  const { child_executions: children } = await execution(second.id);
  const [stock] = children;
  expect(await get(`/pipeline/${String(stock?.['pipeline_id'])}`)).toMatchObject({
    ...{ name: 'stock', pipeline_metadata: { Owner: 'shop' } },
    ...{ last_target_update: stock?.['end_date'], last_target_soft_delete: stock?.['end_date'] },
  });
});

test('runs below runs have their place in the closure', async () => {
  const found = await engine.db
    .selectFrom('pipeline_execution_closure as c')
    .innerJoin('pipeline_execution as e', 'e.id', 'c.child_execution_id')
    .innerJoin('pipeline as p', 'p.id', 'e.pipeline_id')
    .select(['c.depth', 'p.name'])
    .where('c.parent_execution_id', '=', second.id)
    .orderBy('c.depth')
    .orderBy('p.name')
    .execute();
  expect(found.map(({ depth, name }) => `${depth} ${name}`)).toEqual([
    ...['0 day', '1 report', '1 stock', '2 audit'],
  ]);
});

interface Lineage {
  readonly addresses: readonly { readonly id: number; readonly name: string }[];
  readonly edges: readonly {
    readonly source: number;
    readonly columns?: readonly { readonly from: string; readonly to: string }[];
  }[];
}

test('its tables and their columns are in the lineage', async () => {
  // It is found out beside the runs.
  const { addresses, edges } = await until(async () => {
    const path = '/api/lineage/upstream?address=totals&columns=true';
    const response = await fetch(engine.url + path);
    const found = response.ok ? ((await response.json()) as Lineage) : undefined;
    return found?.edges.length === 3 ? found : undefined;
  });
  const names = new Map(addresses.map(({ id, name }) => [id, name.split('.').at(-1)]));
  const flows = edges.flatMap(({ source, columns = [] }) =>
    columns.map(({ from, to }) => `${names.get(source) ?? ''}.${from} > ${to}`),
  );
  expect(addresses.map(({ id }) => names.get(id)).sort()).toEqual(['audit', 'orders', 'totals']);
  expect(flows.sort()).toEqual([
    ...['orders.amount > spent', 'orders.customer > buyer', 'orders.id > id'],
  ]);
});
