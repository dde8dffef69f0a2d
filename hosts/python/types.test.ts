import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { block, newFolder, startHost, type Ended, type TestHost } from './test-host.ts';

let host: TestHost;
let duckdb: DuckDBConnection;

beforeAll(async () => {
  host = await startHost(process.env);
  duckdb = await (await DuckDBInstance.create()).connect();
}, 180_000);

afterAll(async () => {
  host.requests.end();
  await host.exited;
  duckdb.closeSync();
});

/** A Parquet file such as another block writes. */
async function input(alias: string, query: string) {
  const path = join(newFolder(), 'data.parquet');
  await duckdb.run(`copy (${query}) to '${path}'`);
  return { alias, path, format: 'parquet' as const };
}

async function rows(query: string): Promise<unknown[][]> {
  return (await duckdb.runAndReadAll(query)).getRowsJson();
}

async function columns(path: string) {
  const described = await rows(`select column_name, column_type from (describe from '${path}')`);
  return described.map(([name, type]) => ({ name, type }));
}

async function output({ answer, folder }: Ended) {
  if (answer.type !== 'result') throw new Error(answer.error.stack ?? answer.error.message);
  const path = join(folder, 'data.parquet');
  const described = await columns(path);
  // What the host says of its file is what DuckDB finds there.
  expect(answer.result.file?.schema).toEqual(described);
  const read = await rows(`from '${path}'`);
  expect(answer.result.rows).toBe(read.length);
  return { columns: described, rows: read, path };
}

const TYPES: Readonly<Record<string, string>> = {
  TINYINT: '(-128)::tinyint',
  SMALLINT: '7::smallint',
  INTEGER: '2147483647',
  BIGINT: '9223372036854775807',
  UTINYINT: '255::utinyint',
  USMALLINT: '1::usmallint',
  UINTEGER: '4294967295::uinteger',
  UBIGINT: '18446744073709551615::ubigint',
  FLOAT: '1.5::float',
  DOUBLE: '0.1::double',
  'DECIMAL(18,3)': '1.250::decimal(18,3)',
  'DECIMAL(38,2)': '123456789012345678901234567890123456.78::decimal(38,2)',
  BOOLEAN: 'true',
  VARCHAR: "'größe'",
  BLOB: "'\\xAA'::blob",
  DATE: "date '9999-12-31'",
  TIME: "time '10:00:00.123456'",
  TIMESTAMP: "timestamp '2001-02-03 04:05:06.123456'",
  TIMESTAMP_NS: "timestamp_ns '2001-02-03 04:05:06.123456789'",
  'TIMESTAMP WITH TIME ZONE': "timestamptz '2001-02-03 04:05:06+02'",
  UUID: "uuid '6ba7b810-9dad-11d1-80b4-00c04fd430c8'",
  JSON: '\'{"a":[1]}\'::json',
  'BIGINT[]': '[1::bigint, null]',
  'SMALLINT[]': '[1::smallint]',
  'VARCHAR[]': "['a', 'b']",
  'STRUCT(a INTEGER, b VARCHAR)': "{a: 1, b: 'x'}",
  'STRUCT("a b" DATE, n DECIMAL(9,2)[])': "{'a b': date '2001-01-01', n: [1.5::decimal(9,2)]}",
  'MAP(VARCHAR, INTEGER)': "map {'k': 1}",
};
type Fill = 'full' | 'with nulls' | 'only nulls' | 'no rows';
const FROM: Readonly<Record<Fill, (value: string) => string>> = {
  full: (value) => `select ${value} as c, 1 as n`,
  'with nulls': (value) => `select ${value} as c, 1 as n union all select null, 2 order by n`,
  'only nulls': (value) => `select if(false, ${value}, null) as c, 1 as n`,
  'no rows': (value) => `select ${value} as c, 1 as n limit 0`,
};

test.each(Object.entries(TYPES))('%s passes through pandas unchanged', async (type, value) => {
  for (const [fill, query] of Object.entries(FROM)) {
    const given = await input('data', query(value));
    const kept = await output(await host.run(block('data', 'return data'), { inputs: [given] }));
    expect(kept.columns, fill).toEqual([
      { name: 'c', type },
      { name: 'n', type: 'INTEGER' },
    ]);
    expect(kept.rows, fill).toEqual(await rows(`from '${given.path}'`));
  }
});

test.each(Object.entries(TYPES))('%s passes through pyarrow unchanged', async (type, value) => {
  const files = {
    'block.py':
      'import pyarrow\nfrom highwater import block\n\n@block\ndef made(data: pyarrow.Table):\n    return data\n',
  };
  const given = await input('data', FROM['with nulls'](value));
  const kept = await output(await host.run(files, { inputs: [given] }));
  expect(kept.columns[0]).toEqual({ name: 'c', type });
  expect(kept.rows).toEqual(await rows(`from '${given.path}'`));
});

test('integers with nulls stay integers, also where a float would round them', async () => {
  const big = 9_007_199_254_740_993n;
  const query = `select * from (values (1, ${big}), (null, null), (3, 5)) t(small, big)`;
  const body = 'print(data.small.dtype, data.big.dtype)\nreturn data[data.small != 3]';
  const ended = await host.run(block('data', body), { inputs: [await input('data', query)] });
  expect(ended.stdout).toBe('float64 Int64\n');
  const { columns: types, rows: read } = await output(ended);
  expect(types.map((column) => column.type)).toEqual(['INTEGER', 'BIGINT']);
  expect(read).toEqual([
    [1, String(big)],
    [null, null],
  ]);
});

test('a merge that leaves gaps keeps integers and dates', async () => {
  const left = await input('orders', 'select unnest([1, 2]) as id');
  const right = await input(
    'paid',
    "select 1 as id, 10::bigint as cents, date '2001-01-01' as day",
  );
  const body = 'return orders.merge(paid, on="id", how="left")';
  const ended = await host.run(block('orders, paid', body), { inputs: [left, right] });
  expect(await output(ended)).toMatchObject({
    columns: [{ type: 'INTEGER' }, { type: 'BIGINT' }, { type: 'DATE' }],
    rows: [
      [1, '10', '2001-01-01'],
      [2, null, null],
    ],
  });
});

test('a column gets a new type when its values do not fit the old one', async () => {
  const given = await input('data', "select 1 as n, '7' as text, date '2001-01-01' as day");
  const body = `
import pandas
return data.assign(n=data.n / 2, text=data.text.astype(int), day=pandas.Timestamp("2001-01-01 12:00"))`;
  const ended = await host.run(block('data', body), { inputs: [given] });
  expect((await output(ended)).columns.map((column) => column.type)).toEqual([
    'DOUBLE',
    'BIGINT',
    'TIMESTAMP',
  ]);
});

test('a date that pandas made a timestamp of is a date again, if it is one still', async () => {
  const given = await input('data', "select date '2001-01-01' as day");
  const body = 'import pandas\nreturn data.assign(day=pandas.to_datetime(data.day))';
  const ended = await host.run(block('data', body), { inputs: [given] });
  expect((await output(ended)).columns).toEqual([{ name: 'day', type: 'DATE' }]);
});

test('new columns get the types that their values have', async () => {
  const body = `
import datetime, decimal, pandas
return pandas.DataFrame({
    "day": [datetime.date(2001, 1, 2), None],
    "at": [pandas.Timestamp("2001-01-02 03:04:05"), pandas.NaT],
    "price": [decimal.Decimal("1.50"), decimal.Decimal("12.25")],
    "flag": [True, None],
    "empty": [None, None],
    "kind": pandas.Categorical(["a", "b"]),
    "list": [[1, 2], []],
})`;
  const { columns: types, rows: read } = await output(await host.run(block('', body)));
  expect(Object.fromEntries(types.map(({ name, type }) => [name, type]))).toEqual({
    day: 'DATE',
    at: 'TIMESTAMP',
    price: 'DECIMAL(4,2)',
    flag: 'BOOLEAN',
    empty: 'VARCHAR',
    kind: 'VARCHAR',
    list: 'BIGINT[]',
  });
  expect(read[1]).toEqual([null, null, '12.25', null, null, 'b', []]);
});

test('a named index becomes a column, an unnamed one is left out', async () => {
  const given = await input('data', "select unnest(['a', 'b', 'b']) as k, unnest([1, 2, 3]) as v");
  const run = (body: string) => host.run(block('data', body), { inputs: [given] }).then(output);
  expect((await run('return data.groupby("k").sum()')).rows).toEqual([
    ['a', 1],
    ['b', 5],
  ]);
  expect((await run('return data[data.v > 1]')).columns.map(({ name }) => name)).toEqual([
    'k',
    'v',
  ]);
  const grouped = await run('return data.groupby("k").agg({"v": ["min", "max"]})');
  expect(grouped.columns.map(({ name }) => name)).toEqual(['k', 'v_min', 'v_max']);
  expect((await run('return data.groupby("k")["v"].max()')).rows).toEqual([
    ['a', 1],
    ['b', 3],
  ]);
});

test('rows as dicts become a table, with a null where a key is left out', async () => {
  const body = 'return [{"a": 1}, {"b": "x", "a": 2.5}]';
  const { columns: types, rows: read } = await output(await host.run(block('', body)));
  expect(types).toEqual([
    { name: 'a', type: 'DOUBLE' },
    { name: 'b', type: 'VARCHAR' },
  ]);
  expect(read).toEqual([
    [1, null],
    [2.5, 'x'],
  ]);
});

test('a generator is written part by part, in the types of the first part', async () => {
  const body = `
import pandas, pyarrow
yield pandas.DataFrame({"a": [1, 2], "b": ["x", None]})
yield pandas.DataFrame({"b": ["y"], "a": [float("nan")]})
yield pyarrow.table({"a": [4], "b": ["z"]})
yield [{"a": 5, "b": None}]`;
  const { columns: types, rows: read } = await output(await host.run(block('', body)));
  expect(types.map((column) => column.type)).toEqual(['BIGINT', 'VARCHAR']);
  expect(read).toEqual([
    ['1', 'x'],
    ['2', null],
    [null, 'y'],
    ['4', 'z'],
    ['5', null],
  ]);
});

test('a RecordBatchReader streams an input that is larger than memory should be', async () => {
  const files = {
    'block.py':
      'from __future__ import annotations\nimport pyarrow as pa\nfrom highwater import block\n\n@block\ndef made(data: pa.RecordBatchReader):\n    for batch in data:\n        yield batch\n',
  };
  const given = await input('data', 'select range as n from range(300000)');
  const { rows: read } = await output(await host.run(files, { inputs: [given] }));
  expect(read.length).toBe(300_000);
});

test.each([
  ["date '2001-01-02'", { value: '2001-01-02', type: 'date' }],
  ["timestamp '2001-01-02 03:04:05.5'", { value: '2001-01-02T03:04:05.5', type: 'date' }],
  ["timestamptz '2001-01-02 03:04:05+02'", { value: '2001-01-02T01:04:05+00:00', type: 'date' }],
  ['9007199254740993', { value: '9007199254740993', type: 'number' }],
  ['1.25::decimal(9,2)', { value: '1.25', type: 'number' }],
  ["'b'", { value: 'b', type: 'text' }],
])('the watermark is the greatest value: %s', async (value, watermark) => {
  const given = await input('data', `select ${value} as mark union all select null`);
  const out = { folder: newFolder(), inlineBytes: 65_536, watermarkColumn: 'mark' };
  const { answer } = await host.run(block('data', 'return data'), { inputs: [given], output: out });
  expect(answer).toMatchObject({ result: { watermark } });
});

test('no value is no watermark, and a missing column is an error', async () => {
  const given = await input('data', 'select 1 as mark limit 0');
  const run = (watermarkColumn: string) =>
    host.run(block('data', 'return data'), {
      inputs: [given],
      output: { folder: newFolder(), inlineBytes: 65_536, watermarkColumn },
    });
  expect((await run('mark')).answer).not.toHaveProperty('result.watermark');
  expect((await run('marc')).answer).toMatchObject({ error: { code: 'output.invalid' } });
});
