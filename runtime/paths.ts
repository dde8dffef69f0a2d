import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The folder of Highwater's own package.json, from a checkout and from an installed package alike. */
export const packageRoot = findPackageRoot(dirname(fileURLToPath(import.meta.url)));

/** Where downloads and builds that several projects share are kept. */
export function cacheRoot(env: Record<string, string | undefined>): string {
  return (
    env['HIGHWATER_CACHE'] ?? join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'highwater')
  );
}

/**
 * The arguments that make `node` run one of Highwater's own entry points, such as `worker/main`:
 * from source through tsx in a checkout, and the compiled file in an installed package.
 */
export function nodeArguments(entry: string): string[] {
  const extension = extname(fileURLToPath(import.meta.url));
  const file = fileURLToPath(new URL(`../${entry}${extension}`, import.meta.url));
  return extension === '.ts'
    ? ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href, file]
    : [file];
}

function findPackageRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  return findPackageRoot(dirname(folder));
}
