import { afterAll, describe, expect, test } from 'vitest';
import type { PlanLineage } from '../../plan/lineage/plan-lineage.ts';
import type { BlockSource, Plan, PlannedBlock, Work } from '../../plan/plan.ts';
import { analysePlan } from './analyse-plan.ts';
import { openSqlParser } from './parse-sql.ts';
import { placesOf } from './places.ts';

const parser = openSqlParser();
afterAll(() => {
  parser.close();
});

/** A block of the sample plan: SQL, or another kind of work; with inputs by alias. */
interface Sample {
  readonly sql?: string;
  readonly on?: string;
  readonly work?: Work;
  readonly inputs?: readonly string[];
}

const WAREHOUSE = 'postgres://db:5432/shop';

describe('what a plan reads and writes', () => {
  test('is where its loaders read from and its exporters write to', async () => {
    const lineage = await analyse({
      orders: { work: readTable('select * from "sales"."orders"') },
      shops: { work: { type: 'read_file', file: 'data/shops.csv', format: 'csv' } },
      joined: {
        sql: 'select o.id, s.name from orders o join shops s on s.id = o.shop',
        inputs: ['orders', 'shops'],
      },
      publish: { work: writeTable('report.joined'), inputs: ['joined'] },
    });
    expect(lineage.inputs).toEqual([`${WAREHOUSE}.sales.orders`, 'file:/project/data/shops.csv']);
    expect(lineage.datasets).toContainEqual({
      namespace: 'postgres://db:5432',
      name: 'shop.report.joined',
      type: 'postgres',
      group: 'database',
      database: 'shop',
      schema: 'report',
      table: 'joined',
    });
    expect(columnsOf(lineage)).toEqual([
      'id <- shop.sales.orders.id',
      'name <- /project/data/shops.csv.name',
    ]);
  });

  test('does not hold what an output is not made from', async () => {
    const lineage = await analyse({
      a: { work: readTable('select * from a') },
      b: { work: readTable('select * from b') },
      to_a: { work: writeTable('new_a'), inputs: ['a'] },
      to_b: { work: writeTable('new_b'), inputs: ['b'] },
    });
    expect(edgesOf(lineage)).toEqual(['a -> new_a', 'b -> new_b']);
  });

  test('flows through code, whose columns nobody can follow', async () => {
    const lineage = await analyse({
      a: { work: readTable('select x from a') },
      code: { work: { type: 'code', language: 'python', source: 'none' }, inputs: ['a'] },
      save: { work: writeTable('saved'), inputs: ['code'] },
    });
    expect(edgesOf(lineage)).toEqual(['a -> saved']);
    expect(columnsOf(lineage)).toEqual([]);
  });

  test('is named after the connection where its address is a secret of the workers', async () => {
    const lineage = await analyse(
      { a: { work: readTable('select * from a') } },
      '${{ env.NOT_HERE }}',
    );
    expect(lineage.inputs).toEqual(['postgres://warehouse/public.a']);
  });
});

describe('columns through DuckDB', () => {
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    ['an expression', 'select a + b as total from t', ['total <- t.a', 'total <- t.b']],
    ['a star', 'select * from t', ['* <- t.*']],
    ['a star without some', 'select * exclude (secret) from t', ['* <- t.* but secret']],
    [
      'a star with one computed anew',
      'select * replace (upper(name) as name) from t',
      ['name <- t.name', '* <- t.* but name'],
    ],
    ['a rename', 'select * rename (a as b) from t', ['b <- t.a', '* <- t.* but a']],
    ['a WITH', 'with c as (select a as x from t) select x as y from c', ['y <- t.a']],
    [
      'a recursive WITH',
      'with recursive r(n) as (select a from t union all select n + 1 from r) select n from r',
      ['n <- t.a'],
    ],
    [
      'a name of an earlier item',
      'select a + b as c, c * 2 as d from t',
      ['c <- t.a', 'c <- t.b', 'd <- t.a', 'd <- t.b'],
    ],
    ['a union', 'select a from t union all select b from u', ['a <- t.a', 'a <- u.b']],
    [
      'a union of whole tables',
      'with all_of as (from t union all from u) select a from all_of',
      ['a <- t.a', 'a <- u.a'],
    ],
    ['rows that only are left out', 'select a from t except select b from u', ['a <- t.a']],
    [
      'a scalar subquery',
      'select (select max(u.v) from u where u.id = t.id) as most from t',
      ['most <- u.v'],
    ],
    ['a lambda', 'select list_transform(l, x -> x + k) as m from t', ['m <- t.l', 'm <- t.k']],
    ['a condition, which makes no column', 'select a from t where exists (from u)', ['a <- t.a']],
    [
      'a table made on the way',
      'create temp table c as select a as x from t; select x from c',
      ['x <- t.a'],
    ],
    [
      'a table filled on the way',
      'create table c as select a as x from t; insert into c select b from u; from c',
      ['x <- t.a', 'x <- u.b'],
    ],
    ['a column that may be of either', 'select a from t, u', []],
    ['what can not be read', 'selekt a from t', []],
    ['a pivot, whose columns depend on data', 'pivot t on year using sum(amount)', []],
    ['columns by a pattern', "select a, columns('b.*') from t", ['a <- t.a']],
    ['a field of a struct', 'select s.field as f from t', ['f <- t.s']],
    ['a CTE that hides an input', 'with t as (select b as a from u) select a from t', ['a <- u.b']],
  ];
  test.each(cases)('%s', async (_title, sql, expected) => {
    expect(columnsOf(await analyseSql(sql))).toEqual(expected);
  });

  test('files that SQL itself reads and writes are addresses too', async () => {
    const lineage = await analyse({
      sums: {
        sql: "copy (select a from read_csv('in/*.csv')) to 'out/x.parquet' (format parquet)",
      },
      other: { sql: "select * from 'https://example.com/d/y.parquet'" },
    });
    expect([...lineage.inputs].sort()).toEqual([
      'file:/project/in/*.csv',
      'https://example.com/d/y.parquet',
    ]);
    expect(lineage.outputs.map(({ address }) => address)).toEqual(['file:/project/out/x.parquet']);
  });

  test('a pivot, which the parser can not tell of, may read every input', async () => {
    expect(edgesOf(await analyseSql('pivot t on year using sum(amount)'))).toEqual([
      't -> result',
      'u -> result',
    ]);
  });
});

describe('columns through Postgres', () => {
  const into: readonly (readonly [string, string, readonly string[]])[] = [
    [
      'an insert',
      'insert into result (x, y) select a, b + c from t',
      ['x <- t.a', 'y <- t.b', 'y <- t.c'],
    ],
    ['an insert that names no columns', 'insert into result select a from t', []],
    ['a new table', 'create table result as select a as x from t', ['x <- t.a']],
    ['a new view', 'create or replace view result(y) as select a as x from t', ['y <- t.a']],
    ['SELECT INTO', 'select a, count(*) into result from t group by 1', ['a <- t.a']],
    ['an update', 'update result r set x = t.a + r.x from t where t.id = r.id', ['x <- t.a']],
    [
      'an update of several',
      'update result set (x, y) = (select a, b from t)',
      ['x <- t.a', 'y <- t.b'],
    ],
    [
      'a merge',
      'merge into result r using t on t.id = r.id when matched then update set x = t.a when not matched then insert (id, x) values (t.id, t.b)',
      ['x <- t.a', 'id <- t.id', 'x <- t.b'],
    ],
    [
      'rows that are moved',
      'with moved as (delete from t where old returning *) insert into result (x) select a from moved',
      ['x <- t.a'],
    ],
    [
      'a temporary table',
      'create temp table s as select a as x from t; insert into result (y) select x from s',
      ['y <- t.a'],
    ],
    ['a parameter', 'insert into result (x) select a from t where month = $month', ['x <- t.a']],
    [
      'a join that says which',
      'insert into result (x) select u.b from t join u using (id)',
      ['x <- u.b'],
    ],
  ];
  test.each(into)('%s', async (_title, sql, expected) => {
    const lineage = await analyse({ change: { sql, on: 'warehouse' } });
    expect(lineage.outputs.map(({ address }) => address)).toContain(`${WAREHOUSE}.public.result`);
    expect(columnsOf(lineage)).toEqual(expected);
  });

  test('inputs are tables of the session, not of the database', async () => {
    const lineage = await analyse({
      orders: { work: { type: 'read_file', file: 'orders.csv', format: 'csv' } },
      sums: {
        sql: 'select shop, sum(amount) as amount from orders group by shop',
        on: 'warehouse',
        inputs: ['orders'],
      },
      save: { work: writeTable('result'), inputs: ['sums'] },
    });
    expect(columnsOf(lineage)).toEqual([
      'shop <- /project/orders.csv.shop',
      'amount <- /project/orders.csv.amount',
    ]);
  });

  test('the catalog is no address', async () => {
    const lineage = await analyse({
      names: { sql: 'select * from pg_tables, information_schema.columns', on: 'warehouse' },
    });
    expect(lineage.inputs).toEqual([]);
  });
});

/** What goes into the table `result` from the tables `t` and `u`, through DuckDB. */
function analyseSql(sql: string): Promise<PlanLineage> {
  return analyse({
    t: { work: readTable('select * from t') },
    u: { work: readTable('select * from u') },
    change: { sql, inputs: ['t', 'u'] },
    save: { work: writeTable('result'), inputs: ['change'] },
  });
}

function analyse(
  samples: Readonly<Record<string, Sample>>,
  url = 'postgres://someone:secret@db/shop',
): Promise<PlanLineage> {
  const entries = Object.entries(samples);
  const plan = {
    connections: { warehouse: { type: 'postgres', url } },
    blocks: entries.map(([name, { sql, on, work, inputs = [] }]): Partial<PlannedBlock> => ({
      name,
      inputs: inputs.map((block) => ({ alias: block, block })),
      work: work ?? { type: 'sql', source: String(sql), connection: on ?? null },
    })),
  } as unknown as Plan;
  const sources = entries.flatMap(([, { sql }]): BlockSource[] =>
    sql === undefined
      ? []
      : [{ hash: sql, language: 'sql', entry: 'a.sql', files: { 'a.sql': sql } }],
  );
  const places = placesOf(plan, { projectDir: '/project', environment: {} });
  return analysePlan({ plan, sources }, parser, places);
}

function readTable(query: string): Work {
  return { type: 'read_table', connection: 'warehouse', query };
}

function writeTable(table: string): Work {
  return { type: 'write_table', connection: 'warehouse', table, mode: 'append', keys: [] };
}

function edgesOf({ outputs }: PlanLineage): string[] {
  return outputs.flatMap(({ address, sources }) =>
    sources.map((source) => `${short(source)} -> ${short(address)}`),
  );
}

function columnsOf({ outputs }: PlanLineage): string[] {
  return outputs.flatMap(({ columns }) =>
    columns.map(({ source, from, to, except }) =>
      [
        `${to} <- ${short(source)}.${from}`,
        ...(except.length > 0 ? [`but ${except.join(', ')}`] : []),
      ].join(' '),
    ),
  );
}

function short(address: string): string {
  return address
    .replace(`${WAREHOUSE}.public.`, '')
    .replace('postgres://db:5432/', '')
    .replace('file:', '');
}
