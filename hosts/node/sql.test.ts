import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../runtime/paths.ts';
import { failure, sqlWork, testPool } from '../test-pool.ts';

const { pool, run } = testPool();
afterAll(() => pool.close());

describe('an SQL block', () => {
  it('writes what its last query returns, with its types', async () => {
    const { result } = await run({
      work: sqlWork(`
        create table t as select 1::smallint a, date '2001-01-02' d; -- no ; here
        select a, d, ';' as s, 1.5::decimal(10,2) as m, sum(a) as h from t group by all;
        drop table t`),
      output: { watermarkColumn: 'd' },
    });
    expect(result.rows).toBe(1);
    expect(result.file?.schema).toEqual([
      { name: 'a', type: 'SMALLINT' },
      { name: 'd', type: 'DATE' },
      { name: 's', type: 'VARCHAR' },
      { name: 'm', type: 'DECIMAL(10,2)' },
      { name: 'h', type: 'BIGINT' },
    ]);
    expect(result.file?.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(result.watermark).toEqual({ value: '2001-01-02', type: 'date' });
  });

  it('keeps an integer that needs more than 64 bits', async () => {
    const { result } = await run({
      work: sqlWork('select 2::hugeint ** 70 > 0 as x, 1180591620717411303424::hugeint as h'),
    });
    expect(result.file?.schema[1]).toEqual({ name: 'h', type: 'DECIMAL(38,0)' });
  });

  it('binds params by name', async () => {
    const { result } = await run({
      work: sqlWork(
        "select $month as m, $n + 1 as n, $watermark as w, $run_id as r where date '2001-02-01' > $watermark and $flag",
      ),
      params: { month: "it's", n: 2, flag: true },
      watermark: '2001-01-31',
    });
    expect(result.rows).toBe(1);
    expect(result.file?.schema.map(({ type }) => type)).toEqual([
      'VARCHAR',
      'BIGINT',
      'VARCHAR',
      'BIGINT',
    ]);
  });

  it('runs what DuckDB splits into several statements', async () => {
    const { result } = await run({
      work: sqlWork("create table c as select 1 a, 'x' b, 2 n; pivot c on b using sum(n)"),
    });
    expect(result.rows).toBe(1);
  });

  it('names two columns of one name apart', async () => {
    const { result } = await run({ work: sqlWork('select 1 as id, 2 as id') });
    expect(result.file?.schema.map(({ name }) => name)).toEqual(['id', 'id_1']);
  });

  it('reads inputs by their aliases, tables and values', async () => {
    const first = await run({ work: sqlWork('select 20 as n') });
    const { result } = await run({
      work: sqlWork('select t.n + v.a + (select sum(value) from l) as n from t, v'),
      inputs: [
        { alias: 't', path: first.path, format: 'parquet' },
        { alias: 'v', value: { a: 1 } },
        { alias: 'l', value: [1, 2] },
      ],
      output: { watermarkColumn: 'n' },
    });
    expect(result.watermark).toEqual({ value: '24', type: 'number' });
  });

  it.each([
    [
      'select 1;\nselect a,\n  foo from (select 1 a)',
      'blocks/test.sql:3:3: Referenced column "foo" not found',
    ],
    ['select 1,\n  , 2', 'blocks/test.sql:2:3: syntax error'],
    ["select 'ä', nope", 'blocks/test.sql:1:13: Referenced column "nope"'],
    ['select $nope', 'blocks/test.sql:1:8: there is no parameter $nope: there are $watermark'],
    ["select 'x'::int", "blocks/test.sql:1:11: Could not convert string 'x'"],
    ['-- nothing', 'blocks/test.sql holds no statement'],
  ])('says where %j is wrong', async (text, message) => {
    const error = await failure(run({ work: sqlWork(text) }));
    expect(error).toMatchObject({ code: 'sql.invalid', retryable: false });
    expect((error as Error).message).toContain(message);
  });

  it('says which watermark column is missing', async () => {
    const error = await failure(
      run({ work: sqlWork('select 1 as a'), output: { watermarkColumn: 'd' } }),
    );
    expect(error).toMatchObject({ code: 'output.invalid' });
  });

  it('ends when its run is cancelled', async () => {
    const cancel = new AbortController();
    const endless =
      'select count(*) from range(100000000) a, range(100000000) b where a.range % 7 = b.range % 3';
    const running = failure(run({ work: sqlWork(endless), io: { signal: cancel.signal } }));
    await sleep(300);
    cancel.abort(new Error('enough'));
    expect(await running).toMatchObject({ message: 'enough' });
  });

  it('loads three million flights', async () => {
    const file = join(packageRoot, 'node_modules/vega-datasets/data/flights-3m.parquet');
    const flights = await run({ work: sqlWork(`select * from '${file}'`) });
    const { result } = await run({
      work: sqlWork(
        'select origin, avg(delay) as delay, count(*) as n from flights group by origin',
      ),
      inputs: [{ alias: 'flights', path: flights.path, format: 'parquet' }],
    });
    expect(flights.result.rows).toBe(3_000_000);
    expect(result.rows).toBeGreaterThan(200);
  });
});
