import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { partFile } from '../part-file.ts';
import type { HostRequest } from '../protocol.ts';
import { failure, newFolder, sqlWork, testPool } from '../test-pool.ts';

const { pool, run, projectDir } = testPool();
afterAll(() => pool.close());

describe('files', () => {
  it.each(['csv', 'json', 'parquet'] as const)('are written and read as %s', async (format) => {
    const made = await run({
      work: sqlWork("select range as n, 'a\"b,' || range as t from range(5)"),
    });
    const inputs = [{ alias: 't', path: made.path, format: 'parquet' as const }];
    const file = `out/deep/rows.${format}`;
    const written = await run({ work: { type: 'write_file', file, format }, inputs });
    expect(written.result).toEqual({
      rows: 5,
      delivered: { inserts: 5, updates: 0, soft_deletes: 0 },
    });
    expect(
      readdirSync(join(projectDir, 'out/deep')).filter((name) => name.startsWith('.')),
    ).toEqual([]);
    const read = await run({
      work: { type: 'read_file', file, format },
      output: { watermarkColumn: 't' },
    });
    expect(read.result).toMatchObject({ rows: 5, watermark: { value: 'a"b,4' } });
  });

  it('are read by pattern, with all columns of all of them', async () => {
    mkdirSync(join(projectDir, 'many'));
    writeFileSync(join(projectDir, 'many/1.csv'), 'a,b\n1,x\n');
    writeFileSync(join(projectDir, 'many/2.csv'), 'a,c\n2.5,y\n');
    const { result } = await run({
      work: { type: 'read_file', file: 'many/*.csv', format: 'csv' },
    });
    expect(result.rows).toBe(2);
    expect(result.file?.schema.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });

  it('hold a JSON value as it is', async () => {
    await run({
      work: { type: 'write_file', file: 'value.json', format: 'json' },
      inputs: [{ alias: 'v', value: { a: [1, { b: null }] } }],
    });
    expect(JSON.parse(readFileSync(join(projectDir, 'value.json'), 'utf8'))).toEqual({
      a: [1, { b: null }],
    });
  });

  it('that are missing or broken are named', async () => {
    const missing = run({ work: { type: 'read_file', file: 'no/*.csv', format: 'csv' } });
    expect(await failure(missing)).toMatchObject({ code: 'file.missing' });
    writeFileSync(join(projectDir, 'bad.json'), '{"a": ');
    const error = await failure(
      run({ work: { type: 'read_file', file: 'bad.json', format: 'json' } }),
    );
    expect(error).toMatchObject({ code: 'file.invalid' });
    expect((error as Error).message).toContain('bad.json');
  });

  it('come without what earlier attempts left, and leave later ones to theirs', async () => {
    const folder = join(projectDir, 'parts');
    const write = (attempt: number) =>
      run({
        work: { type: 'write_file', file: 'parts/rows.json', format: 'json' },
        inputs: [{ alias: 'v', value: [attempt] }],
        run: { attempt },
      });
    const partOf = (attempt: number) => {
      const run = { key: 'run/7', block: 'b', attempt } as HostRequest['run'];
      return partFile({ run, projectDir }, 'parts/rows.json').path;
    };
    mkdirSync(folder);
    for (const attempt of [1, 2, 11]) writeFileSync(partOf(attempt), 'half');

    await write(10);

    expect(readdirSync(folder).sort()).toEqual([basename(partOf(11)), 'rows.json']);
  });

  it('stay as they were when writing fails', async () => {
    writeFileSync(join(projectDir, 'kept.csv'), 'old');
    const bad = join(newFolder(), 'bad.parquet');
    writeFileSync(bad, 'rubbish');
    const inputs = [{ alias: 't', path: bad, format: 'parquet' as const }];
    await failure(run({ work: { type: 'write_file', file: 'kept.csv', format: 'csv' }, inputs }));
    expect(readFileSync(join(projectDir, 'kept.csv'), 'utf8')).toBe('old');
    expect(existsSync(join(projectDir, 'out/deep/rows.csv'))).toBe(true);
  });
});
