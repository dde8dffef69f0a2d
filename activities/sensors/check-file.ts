import { stat } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import type { Seen } from './seen.ts';

const MOST_NAMED = 100;

/** Whether there is such a file, or one that matches the pattern; the value is a list of them. */
export async function checkFile(file: string, projectDir: string): Promise<Seen> {
  const found = isDynamicPattern(file)
    ? await matching(file, projectDir)
    : await at(file, projectDir);
  if (found.length > 0) return { value: found };
  return {
    notYet: isDynamicPattern(file) ? `no file matches ${file}` : `there is no file ${file}`,
  };
}

async function matching(pattern: string, cwd: string): Promise<string[]> {
  const absolute = isAbsolute(pattern);
  const found = await glob(pattern, { absolute, cwd, dot: true, expandDirectories: false });
  return found.sort().slice(0, MOST_NAMED);
}

async function at(file: string, cwd: string): Promise<string[]> {
  return stat(resolve(cwd, file)).then(
    () => [file],
    () => [],
  );
}
