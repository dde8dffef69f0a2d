import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { checkFile } from './check-file.ts';

let project: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'check-file-'));
  await mkdir(join(project, 'in', 'deep'), { recursive: true });
  for (const name of ['in/b.csv', 'in/a.csv', 'in/deep/c.csv']) {
    await writeFile(join(project, name), '');
  }
});

test('a path is there or not', async () => {
  expect(await checkFile('in/a.csv', project)).toEqual({ value: ['in/a.csv'] });
  expect(await checkFile('in/x.csv', project)).toEqual({ notYet: 'there is no file in/x.csv' });
});

test('a pattern matches files, below the project or anywhere', async () => {
  expect(await checkFile('in/*.csv', project)).toEqual({ value: ['in/a.csv', 'in/b.csv'] });
  expect(await checkFile('in/**/c.csv', project)).toEqual({ value: ['in/deep/c.csv'] });
  const anywhere = join(project, 'in/deep');
  expect(await checkFile(`${anywhere}/*`, tmpdir())).toEqual({ value: [`${anywhere}/c.csv`] });
  expect(await checkFile('in/*.json', project)).toEqual({ notYet: 'no file matches in/*.json' });
});
