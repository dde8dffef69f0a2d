import { describe, expect, it } from 'vitest';
import type { HostInput, HostWork } from '../../hosts/protocol.ts';
import { code, failure } from '../../hosts/test-pool.ts';
import { testWarehouse } from './warehouse.ts';

const { connection, run, query, table, newName } = testWarehouse();

describe('SQL in Postgres', () => {
  const sql = (text: string): HostWork => ({ type: 'sql', text, file: 'blocks/t.sql', connection });

  it('reads its inputs, with params bound', async () => {
    const input = await table(
      "select range as n, date '2001-01-01' + range::int as day from range(10)",
    );
    const { result } = await run({
      work: sql(`create temp table few as select * from t where day > $watermark and n <> $n;
                 -- $comment
                 select count(*) as n, sum(n)::numeric as s, '$text' as t, $flag::boolean as f from few where $n = 7`),
      inputs: [input],
      params: { n: 7, flag: false },
      watermark: '2001-01-05',
      output: { watermarkColumn: 's' },
    });
    expect(result.watermark).toEqual({ value: '28', type: 'number' });
    expect(result.rows).toBe(1);
  });

  it('takes what a changing statement returns', async () => {
    const name = newName();
    await query(`create table ${name} (n int)`);
    const first = await run({ work: sql(`insert into ${name} values (1), (2) returning n`) });
    expect(first.result).toMatchObject({
      rows: 2,
      file: { schema: [{ name: 'n', type: 'INTEGER' }] },
    });
    const second = await run({
      work: sql(`with gone as (delete from ${name} returning n) select * from gone`),
    });
    expect(second.result.rows).toBe(2);
    expect(await query(`select * from ${name}`)).toEqual([]);
  });

  it('runs changes that begin with a query', async () => {
    const [name, copy] = [newName(), newName()];
    await query(`create table ${name} (n int)`);
    await run({
      work: sql(`with two as (select 1 as n union all select 2)
                 insert into ${name} select n from two;
                 with high as (select max(n) as n from ${name})
                 update ${name} t set n = t.n * 10 from high where t.n = high.n;
                 select n into ${copy} from ${name} where n > 5;
                 with low as (select min(n) as n from ${name})
                 delete from ${name} t using low where t.n = low.n`),
    });
    expect(await query(`select * from ${name}`)).toEqual([{ n: 20 }]);
    expect(await query(`select * from ${copy}`)).toEqual([{ n: 20 }]);
  });

  it('counts what an exporter inserts and updates, however it does it, but in no temporary table', async () => {
    const [name, log] = [newName(), newName()];
    await query(`create table ${name} (n int primary key, v text); create table ${log} (n int)`);
    const counted = async (text: string) => {
      const { result } = await run({
        ...{ work: { ...sql(text), counted: true } as HostWork },
        inputs: [await table("select range::int as n, 'x' as v from range(5)")],
      });
      return result;
    };
    expect(await counted(`insert into ${name} select * from t`)).toEqual({
      ...{ rows: 5, delivered: { inserts: 5, updates: 0, soft_deletes: 0 } },
    });
    const upsert = `
      create temp table scratch as select n + 3 as n, v from t;
      update scratch set v = 'y';
      with written as (
        insert into ${name} select * from scratch
        on conflict (n) do update set v = excluded.v returning n
      )
      insert into ${log} select n from written where n > 6;
      delete from ${name} where n = 0;
      select count(*) as n from ${name}`;
    expect(await counted(upsert)).toMatchObject({
      ...{ rows: 1, delivered: { inserts: 4, updates: 2, soft_deletes: 0 } },
    });
    expect((await run({ work: sql(`insert into ${log} values (1)`) })).result).toEqual({
      rows: null,
    });
  });

  it('returns an empty table with its types, and nothing without a query', async () => {
    const empty = await run({ work: sql('select 1 as n, 1.5 as m where false') });
    expect(empty.result).toMatchObject({
      rows: 0,
      file: { schema: [{ type: 'INTEGER' }, { type: 'DECIMAL(38,0)' }] },
    });
    expect((await run({ work: sql('create temp table x (n int)') })).result).toEqual({
      rows: null,
    });
  });

  it.each([
    [
      'select 1;\nselect $watermark,\n  nope from pg_class',
      'blocks/t.sql:3:3: column "nope" does not exist',
    ],
    ['select 1,,', 'blocks/t.sql:1:10: syntax error'],
    ['select 1 as a, 2 as a', 'two columns a'],
    ['select $nope', 'blocks/t.sql:1:8: there is no parameter $nope'],
  ])('says where %j is wrong', async (text, message) => {
    const error = (await failure(run({ work: sql(text) }))) as Error;
    expect(error).toMatchObject({ retryable: false });
    expect(error.message).toContain(message);
  });

  it('undoes everything when a later statement fails', async () => {
    const name = newName();
    await failure(run({ work: sql(`create table ${name} (n int); select 1 / 0`) }));
    expect(await query(`select to_regclass('${name}') as t`)).toEqual([{ t: null }]);
  });

  it('passes what a TypeScript block made', async () => {
    const made = await run({
      work: code("return [{ a: 1, at: new Date(0), tags: ['x'], o: { b: 1 } }]"),
    });
    const input: HostInput = { alias: 'made', path: made.path, format: 'parquet' };
    const { result } = await run({ work: sql('select * from made'), inputs: [input] });
    expect(result.file?.schema.map(({ type }) => type)).toEqual([
      'BIGINT',
      'TIMESTAMP',
      'VARCHAR[]',
      'JSON',
    ]);
  });
});
