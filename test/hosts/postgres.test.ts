import pg from 'pg';
import { describe, expect, it } from 'vitest';
import type { HostInput, HostWork } from '../../hosts/protocol.ts';
import { failure, sqlWork } from '../../hosts/test-pool.ts';
import type { WriteMode } from '../../plan/plan.ts';
import { testWarehouse } from './warehouse.ts';

const { connection, run, query, table, newName, write, deliver } = testWarehouse();

function rowsOf(name: string): Promise<unknown[]> {
  return query(`select * from ${name} order by 1`);
}

describe('an exporter to Postgres', () => {
  it('creates its table with the types of its input', async () => {
    const name = newName();
    const input = await table(`
      select 1::smallint as a, 2::integer as b, 3::bigint as c, 1.50::decimal(10,2) as m, 0.5::double as d,
             'x"y,\\N' as t, '' as empty, null::varchar as none, '\\N' as backslash, date '2001-02-03' as day,
             timestamp '2001-02-03 04:05:06.789012' as moment, timestamptz '2001-02-03 04:05:06+00' as instant,
             true as yes, '\\xAA\\x00'::blob as bytes, uuid '0a0b0c0d-0000-4000-8000-000000000001' as id,
             ['a"b', null, 'c,\\d', ''] as list, {'a': 1} as pair, '{"k": [1]}'::json as doc, interval '1 month 2 days' as gap`);
    const { result } = await deliver(write(name, 'append'), input);
    expect(result).toEqual({ rows: 1, delivered: { inserts: 1, updates: 0, soft_deletes: 0 } });
    const types = await query(
      `select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
       where attrelid = '${name}'::regclass and attnum > 0 order by attnum`,
    );
    expect(types.map(({ type }) => type)).toEqual([
      'smallint',
      'integer',
      'bigint',
      'numeric(10,2)',
      'double precision',
      'text',
      'text',
      'text',
      'text',
      'date',
      'timestamp without time zone',
      'timestamp with time zone',
      'boolean',
      'bytea',
      'uuid',
      'text[]',
      'jsonb',
      'jsonb',
      'interval',
    ]);
    const [row] = await rowsOf(name);
    expect(row).toMatchObject({
      a: 1,
      b: 2,
      c: '3',
      m: '1.50',
      d: 0.5,
      t: 'x"y,\\N',
      empty: '',
      none: null,
      backslash: '\\N',
      yes: true,
      bytes: Buffer.from([0xaa, 0]),
      id: '0a0b0c0d-0000-4000-8000-000000000001',
      list: ['a"b', null, 'c,\\d', ''],
      pair: { a: 1 },
      doc: { k: [1] },
    });
  });

  it('reads back what it wrote, with the same types', async () => {
    const name = newName();
    const input = await table(`
      select i as n, i::decimal(12,3) as m, 'text ' || i as t, date '2001-02-03' + i::int as day, i % 2 = 0 as even,
             timestamp '2001-02-03 04:05:06.789012' as moment, [i, null] as list, ['a"', null] as texts,
             case when i > 1 then '\\xAA'::blob end as bytes, [[i]] as deep, interval (i) day as gap, time '12:30:00' as at,
             timestamptz '2001-02-03 04:05:06.5+00' as instant, uuid '0a0b0c0d-0000-4000-8000-000000000001' as id
      from range(20000) r(i)`);
    await deliver(write(name, 'append'), input);
    const read: HostWork = { type: 'read_table', connection, query: `select * from ${name}` };
    const { result, path } = await run({ work: read, output: { watermarkColumn: 'n' } });
    expect(result.watermark).toEqual({ value: '19999', type: 'number' });
    expect(result.file?.schema.map(({ type }) => type)).toEqual([
      'BIGINT',
      'DECIMAL(12,3)',
      'VARCHAR',
      'DATE',
      'BOOLEAN',
      'TIMESTAMP',
      'BIGINT[]',
      'VARCHAR[]',
      'BLOB',
      'JSON',
      'INTERVAL',
      'TIME',
      'TIMESTAMP WITH TIME ZONE',
      'UUID',
    ]);
    const back: HostInput = { alias: 'back', path, format: 'parquet' };
    const same = await run({
      work: sqlWork(`(select * replace (deep::json as deep) from t except all from back)
                     union all (from back except all select * replace (deep::json as deep) from t)`),
      inputs: [input, back],
    });
    expect(same.result.rows).toBe(0);
  });

  it('delivers once, however often the same block of the same run is tried', async () => {
    const name = newName();
    const input = await table('select range as n from range(5)');
    const first = await deliver(write(name, 'append'), input, 'run/once');
    const second = await deliver(write(name, 'append'), input, 'run/once');
    expect(second.result).toEqual(first.result);
    expect(await rowsOf(name)).toHaveLength(5);
    const together = await Promise.all(
      [1, 2, 3].map(() => deliver(write(name, 'append'), input, 'run/at-once')),
    );
    expect(together.map(({ result }) => result.delivered?.inserts)).toEqual([5, 5, 5]);
    expect(await rowsOf(name)).toHaveLength(10);
  });

  it('leaves nothing of an attempt that was killed, so that the next one delivers', async () => {
    const name = newName();
    const input = await table('select range as n from range(2000000)');
    const key = 'run/killed';
    const error = await failure(
      run({ work: write(name, 'append'), inputs: [input], run: { key }, io: { timeoutMs: 300 } }),
    );
    expect(error).toMatchObject({ code: 'block.timed_out' });
    const { result } = await deliver(write(name, 'append'), input, key);
    expect(result.delivered?.inserts).toBe(2_000_000);
    expect(await query(`select count(*) as n from ${name}`)).toEqual([{ n: '2000000' }]);
  });

  it('replaces, and no reader ever sees the table empty', async () => {
    const name = newName();
    await deliver(write(name, 'replace'), await table('select range as n from range(5)'));
    const reader = new pg.Client({ connectionString: connection.url });
    await reader.connect();
    await reader.query('begin isolation level repeatable read; select 1');
    await deliver(write(name, 'replace'), await table('select range as n from range(7)'));
    expect((await reader.query(`select * from ${name}`)).rowCount).toBe(5);
    await reader.end();
    expect(await rowsOf(name)).toHaveLength(7);
  });

  it('merges by key, and counts what was new', async () => {
    const name = newName();
    const keys = ['n'];
    await deliver(
      write(name, 'merge', keys),
      await table("select range as n, 'a' as v from range(5)"),
    );
    const { result } = await deliver(
      write(name, 'merge', keys),
      await table("select range as n, 'b' as v from range(3, 8)"),
    );
    expect(result).toEqual({ rows: 5, delivered: { inserts: 3, updates: 2, soft_deletes: 0 } });
    expect(await rowsOf(name)).toHaveLength(8);
  });

  it('counts rows that it finds again marked as deleted by themselves', async () => {
    const name = newName();
    const merge = async (rows: string) => {
      const input = await table(`select * from (values ${rows}) as t(n, gone)`);
      const { result } = await deliver(
        { ...write(name, 'merge', ['n']), softDelete: 'gone' },
        input,
      );
      return result;
    };
    await query(`create table ${name} (n int primary key, gone boolean)`);
    expect((await merge('(1, false), (2, false), (3, null), (4, true)')).delivered).toEqual({
      ...{ inserts: 4, updates: 0, soft_deletes: 0 },
    });

    expect(await merge('(1, true), (2, false), (3, null), (4, true), (5, true)')).toEqual({
      ...{ rows: 5, delivered: { inserts: 1, updates: 2, soft_deletes: 2 } },
    });
    expect(await rowsOf(name)).toMatchObject([
      ...[{ gone: true }, { gone: false }, { gone: null }, { gone: true }, { gone: true }],
    ]);
  });

  it('takes the time of a deletion for a mark, and says when the input has none', async () => {
    const work = { ...write(newName(), 'merge', ['n']), softDelete: 'gone_at' };
    const first = await table('select range as n, null::timestamp as gone_at from range(3)');
    await deliver(work, first);
    const { result } = await deliver(
      work,
      await table("select 1 as n, timestamp '2026-01-02 03:04:05' as gone_at"),
    );
    expect(result.delivered).toEqual({ inserts: 0, updates: 0, soft_deletes: 1 });
    const error = (await failure(deliver(work, await table('select 1 as n')))) as Error;
    expect(error.message).toContain('has no column gone_at: it has n');
  });

  it('merges from several runs at once', async () => {
    const name = newName();
    await Promise.all(
      [1, 2, 3, 4].map(async (by) => {
        const input = await table(`select range as n, ${by} as v from range(2000)`);
        await deliver(write(name, 'merge', ['n']), input);
      }),
    );
    expect(await rowsOf(name)).toHaveLength(2000);
  });

  it('writes to a schema, and to names that need quotes', async () => {
    await query('create schema if not exists "Odd Place"');
    const input = await table('select 1 as "select", 2 as "Two Words"');
    await deliver(write('Odd Place.My "Table"', 'merge', ['select']), input);
    expect(await rowsOf('"Odd Place"."My ""Table"""')).toEqual([{ select: 1, 'Two Words': 2 }]);
  });

  it.each<[string, string, WriteMode, string[], string]>([
    ['create table # (n bigint)', 'select 1 as n, 2 as extra', 'append', [], 'has no column extra'],
    ['create table # (n bigint)', 'select 1 as n', 'merge', ['n'], 'has no unique index on n'],
    ['create table # (n bigint)', 'select 1 as n', 'merge', ['k'], 'no key column k'],
    ['select 1', 'select 1 as n from range(2)', 'merge', ['n'], '2 rows have the key {"n":1}'],
    [
      'create table # (n bigint primary key)',
      'select null::bigint as n',
      'merge',
      ['n'],
      'a key has no value: {"n":null}',
    ],
    [
      'create table # (n integer)',
      "select 'x' as n",
      'append',
      [],
      'invalid input syntax for type integer: "x"',
    ],
    [
      'create table # (n integer check (n > 5))',
      'select 1 as n',
      'append',
      [],
      'violates check constraint',
    ],
  ])('refuses, after %j, to write %j with %s %j', async (before, sql, mode, keys, message) => {
    const name = newName();
    await query(before.replace('#', name));
    const error = await failure(deliver(write(name, mode, keys), await table(sql)));
    expect(error).toMatchObject({ code: 'output.invalid', retryable: false });
    expect((error as Error).message).toContain(message);
  });
});
