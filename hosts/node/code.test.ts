import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { code, failure, sqlWork, testPool, writeFiles } from '../test-pool.ts';

const { pool, run, projectDir } = testPool();
afterAll(() => pool.close());

const EXACT = `
  select 1::tinyint as tiny, 2::integer as whole, 3::bigint as big, 4.5::decimal(10,2) as money,
         12345678901234567890.12::decimal(30,2) as precise, 0.5::float as half, date '2001-02-03' as day,
         timestamp '2001-02-03 04:05:06.789' as moment, timestamptz '2001-02-03 04:05:06+00' as instant,
         true as yes, 'text' as text, 'aa'::blob as bytes, uuid '0a0b0c0d-0000-4000-8000-000000000001' as id,
         [1, 2]::integer[] as list, {'a': 1::integer, 'b': [date '2001-01-01']} as pair, '{"k":[1]}'::json as doc,
         null::integer as nothing`;

describe('a TypeScript block', () => {
  it('gives rows back with the types that they came with', async () => {
    const made = await run({ work: sqlWork(`${EXACT} from range(3)`) });
    const inputs = [{ alias: 't', path: made.path, format: 'parquet' as const }];
    const { result, path } = await run({ work: code('return inputs.t.rows()'), inputs });
    expect(result.file?.schema).toEqual(made.result.file?.schema);
    const same = await run({
      work: sqlWork('(from a except all from b) union all (from b except all from a)'),
      inputs: [
        { alias: 'a', path: made.path, format: 'parquet' },
        { alias: 'b', path, format: 'parquet' },
      ],
    });
    expect(same.result.rows).toBe(0);
  });

  it('gives rows as values of JavaScript', async () => {
    const made = await run({ work: sqlWork(`${EXACT}, 9007199254740993 as huge`) });
    const body = `
      const [row] = await inputs.t.rows();
      return [row.whole, row.money, row.precise, row.day.toISOString(), row.list, row.pair.a, row.doc, String(row.huge), typeof row.huge, row.id, row.nothing]`;
    const inputs = [{ alias: 't', path: made.path, format: 'parquet' as const }];
    const { result } = await run({ work: code(body), inputs });
    expect(result.value).toEqual([
      2,
      4.5,
      '12345678901234567890.12',
      '2001-02-03T00:00:00.000Z',
      [1, 2],
      1,
      { k: [1] },
      '9007199254740993',
      'bigint',
      '0a0b0c0d-0000-4000-8000-000000000001',
      null,
    ]);
  });

  it('finds the types of new columns in their values', async () => {
    const body = `return [
      { n: null, i: 1, d: 1, b: 5n, t: 'a', day: new Date(0), ok: true, tags: ['x'], none: [], o: { a: 1 }, bytes: new Uint8Array([1]) },
      { n: null, i: 2, d: 0.5, b: 6, t: null, day: new Date(1), ok: null, tags: [], none: [], o: [1, { b: 2 }], bytes: null, late: 1 },
    ]`;
    const { result } = await run({ work: code(body) });
    expect(
      Object.fromEntries((result.file?.schema ?? []).map(({ name, type }) => [name, type])),
    ).toEqual({
      n: 'VARCHAR',
      i: 'BIGINT',
      d: 'DOUBLE',
      b: 'BIGINT',
      t: 'VARCHAR',
      day: 'TIMESTAMP',
      ok: 'BOOLEAN',
      tags: 'VARCHAR[]',
      none: 'VARCHAR[]',
      o: 'JSON',
      bytes: 'BLOB',
      late: 'BIGINT',
    });
  });

  it('widens a column when a later row of a long stream needs it', async () => {
    const body = `
      return (async function* () {
        for (let i = 0; i < 10_000; i++) yield { n: i === 9_999 ? 0.5 : i, first: i < 5_000 ? null : 'x' };
      })()`;
    const { result } = await run({ work: code(body), output: { watermarkColumn: 'n' } });
    expect(result.rows).toBe(10_000);
    expect(result.file?.schema).toEqual([
      { name: 'n', type: 'DOUBLE' },
      { name: 'first', type: 'VARCHAR' },
    ]);
    expect(result.watermark).toEqual({ value: '9998.0', type: 'number' });
  });

  it('gives up a known type for values that do not fit it', async () => {
    const made = await run({ work: sqlWork('select 1::integer as n from range(3000)') });
    const inputs = [{ alias: 't', path: made.path, format: 'parquet' as const }];
    const body =
      'return (async function* () { for await (const row of inputs.t.stream()) yield row; yield { n: 1.5 } })()';
    const { result } = await run({ work: code(body), inputs });
    expect(result.file?.schema).toEqual([{ name: 'n', type: 'DOUBLE' }]);
  });

  it.each([
    ["[{ a: 1 }, { a: 'x' }]", 'Column a holds VARCHAR in row 2: the rows before hold BIGINT'],
    ['[{ a: 1 }, { a: new Date(NaN) }]', 'Column a holds an invalid Date in row 2'],
    ['[{ a: 1, A: 2 }]', 'Columns a and A differ only in case'],
    ['[{}]', 'without a single column'],
    ['(function* () { yield 1 })()', 'Row 1 is a number'],
    ['() => 1', 'what cannot be stored (a function)'],
    ['({ n: 1n })', 'what cannot be stored'],
  ])('refuses to store %s', async (returned, message) => {
    const error = await failure(run({ work: code(`return ${returned}`) }));
    expect(error).toMatchObject({ code: 'output.invalid', retryable: false });
    expect((error as Error).message).toContain(message);
  });

  it('returns a JSON value inline when it is small, else as a file', async () => {
    const small = await run({ work: code("return { when: new Date(0), list: [1, 'x'] }") });
    expect(small.result).toEqual({
      rows: null,
      value: { when: '1970-01-01T00:00:00.000Z', list: [1, 'x'] },
    });
    const large = await run({ work: code("return 'x'.repeat(100)"), output: { inlineBytes: 50 } });
    expect(large.result.file).toMatchObject({ name: 'data.json', format: 'json', bytes: 102 });
    expect(readFileSync(large.path, 'utf8')).toBe(`"${'x'.repeat(100)}"`);
    const inputs = [{ alias: 'v', path: large.path, format: 'json' as const }];
    expect((await run({ work: code('return inputs.v.value.length'), inputs })).result.value).toBe(
      100,
    );
  });

  it('returns nothing, or an empty list', async () => {
    expect((await run({ work: code('') })).result).toEqual({ rows: null });
    expect((await run({ work: code('return []') })).result).toEqual({ rows: 0, value: [] });
    const stream = code('return (async function* () {})()');
    expect((await run({ work: stream })).result).toEqual({ rows: 0, value: [] });
  });

  it('has the columns that it declares, even without rows', async () => {
    const declared = (returned: string) => {
      const text = `import { block } from 'highwater'; export default block(() => ${returned}, { columns: { day: 'date', n: 'INTEGER', l: 'DOUBLE[]' } });`;
      return {
        type: 'code',
        folder: writeFiles({ 'block.mjs': text }),
        entry: 'block.mjs',
      } as const;
    };
    const { result } = await run({ work: declared('[]'), output: { watermarkColumn: 'day' } });
    expect(result).toMatchObject({ rows: 0 });
    expect(result.file?.schema.map(({ type }) => type)).toEqual(['DATE', 'INTEGER', 'DOUBLE[]']);
    expect((await run({ work: declared('[{ n: 1, l: [1, 0.5] }]') })).result.rows).toBe(1);
    for (const [returned, message] of [
      ['[{ n: 1 }, { n: 1.5 }]', 'Column n holds DOUBLE in row 2: it is declared as INTEGER'],
      ['[{ m: 1 }]', 'Column m is not among the declared ones: day, n, l'],
    ] as const) {
      const error = await failure(run({ work: declared(returned) }));
      expect(error).toMatchObject({ code: 'output.invalid', message });
    }
  });

  it('queries its inputs, and returns a query without reading it', async () => {
    const made = await run({ work: sqlWork('select range::integer as n from range(10)') });
    const inputs = [{ alias: 't', path: made.path, format: 'parquet' as const }];
    const read = code(`
      const few = await inputs.t.sql('with x as (from input) select n from x where n < $most', { most: 3 }).rows();
      const [{ n }] = await sql('select count(*) as n from t where n >= $least').rows();
      return [few.length, n]`);
    const { result } = await run({ work: read, inputs, params: { least: 4 } });
    expect(result.value).toEqual([3, 6]);
    const returned = await run({ work: code("return sql('select n * 2 as n from t')"), inputs });
    expect(returned.result).toMatchObject({
      rows: 10,
      file: { schema: [{ name: 'n', type: 'INTEGER' }] },
    });
    const whole = await run({ work: code('return inputs.t'), inputs });
    expect(whole.result.rows).toBe(10);
  });

  it('reads one input while it writes, however long they are', async () => {
    const made = await run({
      work: sqlWork('select range as n, null::varchar as late from range(100000)'),
    });
    const inputs = [{ alias: 't', path: made.path, format: 'parquet' as const }];
    const body = `return (async function* () {
      for await (const row of inputs.t.stream()) yield { n: row.n, late: row.n > 50_000 ? row.n : null };
    })()`;
    const { result } = await run({ work: code(body), inputs });
    expect(result.rows).toBe(100_000);
    expect(result.file?.schema[1]).toEqual({ name: 'late', type: 'BIGINT' });
  });

  it('knows its run, its params, its watermark and its log', async () => {
    const body =
      "log.warn('careful', { n: 1 }); return { run, params, watermark, cwd: process.cwd() }";
    const { result, logs } = await run({
      work: code(body),
      params: { a: [1] },
      watermark: '2001-01-01',
    });
    expect(result.value).toEqual({
      run: {
        ...{ id: 7, pipeline: 'p', block: 'b', attempt: 1 },
        ...{ scheduledAt: null, intervalStart: null, intervalEnd: null },
      },
      params: { a: [1] },
      watermark: '2001-01-01',
      cwd: projectDir,
    });
    expect(logs).toEqual([['warn', 'careful']]);
  });

  it('does not fail for what it logs', async () => {
    const body =
      "const a = { n: 1n }; log.info('big', a); a.a = a; log.info('round', a); log.info('x'.repeat(2e7))";
    const { logs } = await run({ work: code(body) });
    expect(logs.map(([, message]) => message.length)).toEqual([3, 5, expect.any(Number)]);
    const error = (await failure(run({ work: code("throw new Error('x'.repeat(2e7))") }))) as Error;
    expect(error).toMatchObject({ code: 'block.failed' });
    expect(error.message.length).toBeLessThan(20_000);
  });

  it('fails with the message of what was thrown, and logs where', async () => {
    const error = await failure(run({ work: code("throw new RangeError('too far')") }));
    expect(error).toMatchObject({ code: 'block.failed', message: 'RangeError: too far' });
  });

  it.each([
    ["'no rows'", 'no rows'],
    ['null', 'null'],
    ['{ status: 503 }', '{ status: 503 }'],
    ['Object.create(null)', '[Object: null prototype] {}'],
    ["{ toString() { throw new Error('no text') } }", '{ toString: [Function: toString] }'],
  ])('fails with what was thrown that is no error: %s', async (thrown, text) => {
    const error = await failure(run({ work: code(`throw ${thrown};`) }));
    expect(error).toMatchObject({ code: 'block.failed', message: `The block threw ${text}` });
  });

  it('is not tried again when it says so', async () => {
    const head = "import { PermanentError } from 'highwater';";
    const error = await failure(run({ work: code("throw new PermanentError('no')", head) }));
    expect(error).toMatchObject({ code: 'block.invalid', message: 'no', retryable: false });
  });

  it.each([
    ['inputs.nope', 'The block has no input nope; its inputs: none'],
    ["await sql('select * from nope').rows()", 'sql:1:15: Table with name nope does not exist'],
  ])('says what is wrong with %s', async (body, message) => {
    const error = await failure(run({ work: code(`return ${body}`) }));
    expect((error as Error).message).toContain(message);
  });

  it('finds the packages of its project, and says when one is missing', async () => {
    writeFiles(
      {
        'node_modules/pebble/package.json': '{"name":"pebble","type":"module","main":"index.js"}',
        'node_modules/pebble/index.js': 'export const weight = 12;',
      },
      projectDir,
    );
    const found = await run({ work: code('return weight', "import { weight } from 'pebble';") });
    expect(found.result.value).toBe(12);
    const error = await failure(run({ work: code('return 1', "import x from 'boulder';") }));
    expect(error).toMatchObject({ code: 'block.invalid' });
    expect((error as Error).message).toContain('npm install boulder');
  });

  it('says when a file holds no block', async () => {
    const folder = writeFiles({ 'block.mjs': 'export const x = 1;' });
    const error = await failure(run({ work: { type: 'code', folder, entry: 'block.mjs' } }));
    expect(error).toMatchObject({ code: 'block.invalid' });
  });
});
