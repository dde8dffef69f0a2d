import { access, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';

export interface FoundFile {
  /** As the pattern has it: below the project, unless the pattern is absolute. */
  readonly path: string;
  readonly size: number;
  readonly modifiedMs: number;
}

/** The files that fit a pattern such as `incoming/*.csv`. Fails when the folder before its wild part is away. */
export async function scanFolder(project: string, pattern: string): Promise<FoundFile[]> {
  await access(resolve(project, fixedPartOf(pattern)));
  const paths = await glob(pattern, { cwd: project, expandDirectories: false });
  const files = await Promise.all(paths.map((path) => look(project, path)));
  return files.filter((file) => file !== undefined);
}

/** A folder that is not mounted looks empty otherwise, and all of its files new when it is back. */
function fixedPartOf(pattern: string): string {
  const parts = pattern.split('/');
  const wild = parts.findIndex((part) => isDynamicPattern(part));
  return parts.slice(0, wild < 0 ? -1 : wild).join('/') || (pattern.startsWith('/') ? '/' : '.');
}

/** Undefined: it went meanwhile. */
async function look(project: string, path: string): Promise<FoundFile | undefined> {
  try {
    const { size, mtimeMs } = await stat(resolve(project, path));
    return { path, size, modifiedMs: mtimeMs };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
