import { sql } from 'kysely';
import { openDb, type Db } from '../../db/database.ts';
import { createLog } from '../../runtime/log.ts';
import { quantile, round1, timed } from '../rounds.ts';
import { startBenchStack } from '../stack.ts';

const ADDRESSES = 20_000;
const EDGES = 60_000;
const PIPELINES = 2_000;
const QUERIES = 100;
/** Asked before; the very first one of a new API is told by itself. */
const WARM_UP = 5;
const ADDED = 100;

/**
 * A graph of 20,000 addresses and 60,000 edges, drawn by lot, so that nearly every address reaches nearly every
 * other one in cycles, asked over HTTP for all that is downstream of an address.
 */
export async function benchLineage(say: (line: string) => void) {
  const bench = await startBenchStack({ 'highwater.yaml': 'name: bench\n' }, { bare: false });
  const db = openDb(bench.stack.databaseUrl, createLog('bench', 'warn'), 1);
  const { api } = bench.stack;
  try {
    const ids = await drawGraph(db);
    const ask = (path: string) => timed(() => get(`${api}${path}`));
    const downstream = (id: number) => ask(`/api/lineage/downstream?address=${id}`);
    const [first = Number.NaN] = await each(ids.slice(0, WARM_UP), downstream);
    const all = await each(ids, downstream);
    const near = await each(ids, (id) => ask(`/api/lineage/downstream?address=${id}&depth=3`));
    const impact = await each(ids, (id) => ask(`/api/lineage/impact?address=${id}`));
    const figures = {
      lineage_first_ms: round1(first),
      lineage_downstream_ms: quantiles(all),
      lineage_downstream_depth_3_ms: quantiles(near),
      lineage_impact_ms: quantiles(impact),
      lineage_add_edge_ms: quantiles(await addEdges(api)),
    };
    say(`lineage: ${JSON.stringify(figures)}`);
    return figures;
  } finally {
    await db.destroy();
    await bench.stop();
  }
}

/** Answers some of the addresses. */
async function drawGraph(db: Db): Promise<number[]> {
  await sql`insert into address_type (name, group_name) values ('bench', 'database')`.execute(db);
  await sql`
    insert into address (name, address_type_id)
    select 'warehouse.schema_' || n % 50 || '.table_' || n, t.id
    from generate_series(1, ${ADDRESSES}) n, address_type t where t.name = 'bench'`.execute(db);
  await sql`
    with type as (insert into pipeline_type (name) values ('bench') returning id)
    insert into pipeline (name, pipeline_type_id)
    select 'bench ' || n, type.id from generate_series(1, ${PIPELINES}) n, type`.execute(db);
  await sql`
    with drawn as (
      select setseed(0.5), 0 as n
      union all
      select null, n from generate_series(1, ${EDGES}) n
    ), ends as (
      select n, 1 + floor(random() * ${ADDRESSES})::int as source,
        1 + floor(random() * ${ADDRESSES})::int as target
      from drawn
    ), addresses as (select id, row_number() over (order by id) as n from address),
    pipelines as (select id, row_number() over (order by id) as n from pipeline)
    insert into address_lineage (pipeline_id, source_address_id, target_address_id)
    select p.id, s.id, t.id from ends e
    join addresses s on s.n = e.source join addresses t on t.n = e.target
    join pipelines p on p.n = 1 + e.n % ${PIPELINES}
    where e.n > 0
    on conflict do nothing`.execute(db);
  await sql`vacuum analyze`.execute(db);
  const { rows } = await sql<{ id: number }>`
    select source_address_id as id from address_lineage group by 1 order by md5(source_address_id::text)
    limit ${QUERIES}`.execute(db);
  return rows.map(({ id }) => id);
}

/** Each is one more edge of a pipeline that has a few. */
async function addEdges(api: string): Promise<number[]> {
  const { id } = await post<{ id: number }>(`${api}/pipeline`, {
    ...{ name: 'adding', pipeline_type_name: 'bench' },
  });
  const place = (name: string) => ({
    ...{ name, address_type_name: 'bench', address_type_group_name: 'database' },
  });
  const times: number[] = [];
  const targets: object[] = [];
  for (let at = 1; at <= ADDED; at += 1) {
    targets.push(place(`warehouse.schema_${at % 50}.table_${at}`));
    const body = {
      pipeline_id: id,
      source_addresses: [place('warehouse.schema_1.table_1')],
      target_addresses: targets.slice(-5),
    };
    times.push(await timed(() => post(`${api}/address_lineage`, body)));
  }
  return times;
}

async function each(ids: readonly number[], ask: (id: number) => Promise<number>) {
  const times: number[] = [];
  for (const id of ids) times.push(await ask(id));
  return times;
}

async function get(url: string): Promise<void> {
  const response = await fetch(url);
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`);
}

async function post<Answer>(url: string, body: object): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Answer;
}

function quantiles(ms: readonly number[]) {
  return { p50: round1(quantile(ms, 0.5)), p95: round1(quantile(ms, 0.95)) };
}
