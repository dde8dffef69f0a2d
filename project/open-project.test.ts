import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { generateProject } from '../bench/generate-project.ts';
import { findPython } from '../hosts/python/find-python.ts';
import { createProject, writeFiles } from '../test/support/project.ts';
import { brief, shown } from '../test/support/definitions.ts';
import { findProject } from './find-project.ts';
import { openProject, type Project } from './open-project.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

async function project(files: Record<string, string>): Promise<Project> {
  const folder = await createProject(files);
  folders.push(folder);
  return openProject(folder, { findPython: () => findPython(undefined) });
}

const BLOCK = "import { block } from 'highwater';\nexport default block(async () => 1);\n";

test('one broken pipeline does not hide the others', async () => {
  const { load, compile, validate } = await project({
    'blocks/a.ts': BLOCK,
    'pipelines/good.yaml': 'blocks: { a: { kind: custom, file: a.ts } }',
    'pipelines/broken.yaml': 'blocks: [',
    'pipelines/worse.yaml': 'blocks: { a: { kind: custom, file: b.ts } }',
    'pipelines/needs_worse.yaml': 'blocks: { a: { kind: pipeline, pipeline: worse } }',
  });

  expect([...load().pipelines.keys()]).toEqual(['broken', 'good', 'needs_worse', 'worse']);
  expect((await compile('good')).plan.pipeline).toBe('good');
  expect((await validate()).map(({ file, code }) => `${file} ${code}`)).toEqual([
    'pipelines/broken.yaml yaml.invalid',
    'pipelines/worse.yaml file.missing',
  ]);
  await expect(compile('needs_worse')).rejects.toThrow(
    expect.objectContaining({
      code: 'pipeline.invalid',
      message: expect.stringContaining('pipelines/worse.yaml:1:36: file.missing') as string,
      errors: [expect.objectContaining({ line: 1, column: 36 })],
    }),
  );
  await expect(compile('godo')).rejects.toThrow('There is no pipeline godo (did you mean "good"?)');
  await expect(compile('constructor')).rejects.toThrow(
    expect.objectContaining({ code: 'pipeline.not_found' }),
  );
});

test('every change on disk is seen', async () => {
  const { dir, load, compile } = await project({
    'blocks/a.ts': `import { n } from './lib/n.ts';\n${BLOCK.replace('=> 1', '=> n')}`,
    'blocks/lib/n.ts': 'export const n: number = 1;',
    'pipelines/p.yaml': 'blocks: { a: { kind: custom, file: a.ts } }',
  });
  const hash = async () => (await compile('p')).plan.hash;
  const before = await hash();
  expect(load()).toBe(load());

  await writeFiles(dir, { 'blocks/lib/n.ts': 'export const n: number = 2;' });
  const edited = await hash();
  expect(edited).not.toBe(before);

  utimesSync(join(dir, 'blocks/lib/n.ts'), new Date(), new Date());
  expect(await hash()).toBe(edited);

  await writeFiles(dir, { 'pipelines/q.yaml': 'blocks: { a: { kind: custom, file: b.ts } }' });
  expect(brief(load().errors)).toEqual(['1:36 file.missing']);
  await writeFiles(dir, { 'blocks/b.ts': BLOCK });
  expect(load().errors).toEqual([]);
  rmSync(join(dir, 'pipelines/q.yaml'));
  expect([...load().pipelines.keys()]).toEqual(['p']);
});

test('a pipeline that was compiled before is compiled anew whenever anything that it rests on has changed', async () => {
  const watched = 'blocks: { ready: { kind: sensor, until: { pipeline: other } } }';
  const start = {
    'blocks/a.ts': `import { n } from './lib/n.ts';\n${BLOCK.replace('=> 1', '=> n')}`,
    'blocks/lib/n.ts': 'export const n: number = 1;',
    'pipelines/child.yaml': 'blocks: { a: { kind: custom, file: a.ts } }',
    'pipelines/other.yaml': 'blocks: { a: { kind: custom, file: a.ts } }',
    'pipelines/p.yaml': `${watched.slice(0, -2)}, a: { kind: pipeline, pipeline: child } }`,
  };
  const changes: Readonly<Record<string, (dir: string) => unknown>> = {
    'its file': (dir) => writeFiles(dir, { 'pipelines/p.yaml': watched }),
    'what its block imports': (dir) =>
      writeFiles(dir, { 'blocks/lib/n.ts': 'export const n = 23;' }),
    'its sub-pipeline': (dir) =>
      writeFiles(dir, { 'pipelines/child.yaml': `tags: [x]\n${start['pipelines/child.yaml']}` }),
    'the project': (dir) => writeFiles(dir, { 'highwater.yaml': 'name: [' }),
    'the pipeline that it waits for': (dir) => {
      rmSync(join(dir, 'pipelines/other.yaml'));
    },
    'a file of the same name': (dir) => writeFiles(dir, { 'pipelines/p.yml': watched }),
    'a block file that goes': (dir) => {
      rmSync(join(dir, 'blocks/a.ts'));
    },
  };
  for (const [what, change] of Object.entries(changes)) {
    const { dir, compile } = await project(start);
    const compiled = await compile('p');
    expect(await compile('p')).toBe(compiled);
    expect(await compile('p')).toBe(compiled);

    await change(dir);
    const outcome = await compile('p').catch((error: unknown) => error);
    expect(outcome, what).not.toBe(compiled);
    expect(await compile('p').catch((error: unknown) => String(error)), what).toEqual(
      outcome instanceof Error ? String(outcome) : outcome,
    );
  }
});

test('a TypeScript block becomes one module with its local imports; the folder leaves no trace', async () => {
  const files = {
    'blocks/deep/a.ts': `import { n } from '../lib/n.ts';\nimport pg from 'pg';\n${BLOCK.replace('=> 1', '=> [n, pg]')}`,
    'blocks/lib/n.ts': 'export const n: number = 1;',
    'pipelines/p.yaml': 'blocks: { a: { kind: custom, file: deep/a.ts } }',
  };
  const [first, second] = await Promise.all([project(files), project(files)]);
  const { sources, plan } = await first.compile('p');

  expect(plan.hash).toBe((await second.compile('p')).plan.hash);
  expect(
    sources.map(({ language, entry, files: kept }) => [language, entry, Object.keys(kept)]),
  ).toEqual([['typescript', 'blocks/deep/a.mjs', ['blocks/deep/a.mjs']]]);
  const text = sources[0]?.files['blocks/deep/a.mjs'] ?? '';
  expect(text).toMatch(/from "highwater"/);
  expect(text).toMatch(/from "pg"/);
  expect(text).toMatch(/n = 1;/);
  const [, map = ''] = text.split('base64,');
  expect(JSON.parse(Buffer.from(map, 'base64').toString())).toMatchObject({
    sources: ['../lib/n.ts', 'a.ts'],
  });
  expect(text).not.toContain(first.dir);
});

test('a Python block takes along the modules that it imports', async () => {
  const { compile } = await project({
    'blocks/rates/rate.py':
      'import json\nimport helper as h, shared.units\nfrom highwater import block\nfrom .near import (a)\nfrom .. import far, nowhere\n',
    'blocks/rates/helper.py': 'from common import x\n',
    'blocks/rates/near.py': 'a = 1\n',
    'blocks/far.py': '',
    'blocks/common.py': 'x = 1\n',
    'blocks/shared/__init__.py': '',
    'blocks/shared/units/__init__.py': 'from . import metre\n',
    'blocks/shared/units/metre.py': '',
    'blocks/unused.py': '',
    'pipelines/p.yaml': 'blocks: { a: { kind: custom, file: rates/rate.py } }',
  });
  const { sources } = await compile('p');

  expect(
    sources.map(({ language, entry, files }) => [language, entry, Object.keys(files)]),
  ).toEqual([
    [
      'python',
      'blocks/rates/rate.py',
      [
        'blocks/common.py',
        'blocks/far.py',
        'blocks/rates/helper.py',
        'blocks/rates/near.py',
        'blocks/rates/rate.py',
        'blocks/shared/__init__.py',
        'blocks/shared/units/__init__.py',
        'blocks/shared/units/metre.py',
      ],
    ],
  ]);
});

test('errors inside block files are definition errors', async () => {
  const { validate, compile } = await project({
    'blocks/a.ts': 'export default 1 +;\n',
    'blocks/b.ts': "import { x } from './nowhere.ts';\nexport default x;\n",
    'blocks/c.ts': 'export const x = 1;\n',
    'blocks/e.ts': "import { x } from './lib/broken.ts';\nexport default x;\n",
    'blocks/f.ts': 'console.log(1);\n',
    'blocks/lib/broken.ts': 'export const x = ;\n',
    'blocks/d.py': 'def run(:\n    pass\n',
    'pipelines/p.yaml': `blocks:
  a: { kind: custom, file: a.ts }
  b: { kind: custom, file: b.ts }
  d: { kind: custom, file: d.py }
`,
    'pipelines/q.yaml': 'blocks: { c: { kind: custom, file: c.ts } }',
    'pipelines/r.yaml':
      'blocks: { e: { kind: custom, file: e.ts }, f: { kind: custom, file: f.ts } }',
  });
  const errors = await validate();

  expect(
    errors.map(({ file, line, column, code }) => `${file}:${line}:${column} ${code}`),
    shown(errors),
  ).toEqual([
    'blocks/a.ts:1:19 typescript.invalid',
    'blocks/b.ts:1:19 typescript.invalid',
    'blocks/c.ts:1:1 typescript.no_block',
    'blocks/d.py:1:9 python.invalid',
    'blocks/f.ts:1:1 typescript.no_block',
    'blocks/lib/broken.ts:1:18 typescript.invalid',
  ]);
  await expect(compile('p')).rejects.toThrow(
    /blocks\/a\.ts:1:19: typescript\.invalid: Unexpected ";"\n/,
  );
  await expect(compile('q')).rejects.toThrow(
    /typescript\.no_block: the file has no default export/,
  );
});

test('a language that is not installed is a definition error that says how to install it', async () => {
  const { dir } = await project({
    'blocks/a.py': 'x = 1\n',
    'pipelines/p.yaml': 'blocks: { a: { kind: custom, file: a.py } }',
  });
  const { validate, compile } = openProject(dir, {
    findPython: () => findPython('/nowhere/python'),
  });

  expect(shown(await validate())).toMatch(/^blocks\/a\.py:1:1: language\.missing: .*Install it/);
  await expect(compile('p')).rejects.toThrow(expect.objectContaining({ code: 'pipeline.invalid' }));
});

test('without highwater.yaml there is one error, and nothing compiles', async () => {
  const { dir, validate, compile } = await project({
    'blocks/a.ts': BLOCK,
    'pipelines/p.yaml': 'blocks: { a: { kind: loader, from: { connection: shop, table: t } } }',
  });
  rmSync(join(dir, 'highwater.yaml'));

  expect((await validate()).map(({ code }) => code)).toEqual(['project.missing']);
  await expect(compile('p')).rejects.toThrow('project.missing');
});

test('two files of one name are refused, both', async () => {
  const { load } = await project({
    'blocks/a.ts': BLOCK,
    'pipelines/p.yaml': 'blocks: { a: { kind: custom, file: a.ts } }',
    'pipelines/p.yml': 'blocks: { a: { kind: custom, file: a.ts } }',
  });

  expect(load().errors.map(({ file, code }) => `${file} ${code}`)).toEqual([
    'pipelines/p.yaml pipeline.duplicate',
    'pipelines/p.yml pipeline.duplicate',
  ]);
});

test('500 pipelines of 20 blocks are sound, and all compile', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'highwater-many-'));
  folders.push(dir);
  generateProject(dir, 500);
  const { validate, compile } = openProject(dir, { findPython: () => findPython(undefined) });

  expect(await validate()).toEqual([]);
  const { plan, children } = await compile('pipeline_499');
  expect(plan.blocks).toHaveLength(20);
  expect(children.map((child) => child.plan.pipeline)).toEqual(['pipeline_249']);

  writeFileSync(join(dir, 'blocks/pipeline_250/code_9.ts'), 'export default [;');
  writeFileSync(join(dir, 'pipelines/pipeline_3.yaml'), 'blocks: {}');
  expect((await validate()).map(({ file, code }) => `${file} ${code}`)).toEqual([
    'blocks/pipeline_250/code_9.ts typescript.invalid',
    'pipelines/pipeline_3.yaml pipeline.empty',
    'pipelines/pipeline_7.yaml param.unknown',
    'pipelines/pipeline_8.yaml param.unknown',
  ]);
}, 120_000);

test('a project is found from any folder below it', async () => {
  const { dir } = await project({ 'blocks/deep/er/a.sql': '' });

  expect(findProject(join(dir, 'blocks/deep/er'))).toBe(dir);
  expect(findProject(tmpdir())).toBeUndefined();
});
