import { build, type Message } from 'esbuild';
import { join } from 'node:path';
import type { DefinitionError } from '../pipeline/definition-error.ts';
import { isBuildFailure, noBlockIn, toDefinitionError } from './esbuild-errors.ts';

/**
 * Finds what is wrong with block files and with what they import. All of them are bundled as imports of
 * one module, which is many times quicker than a bundle each.
 */
export async function checkTypescript(
  dir: string,
  paths: readonly string[],
  broken: ReadonlySet<string> = new Set(),
): Promise<DefinitionError[]> {
  if (paths.length === 0) return [];
  try {
    const { metafile } = await build({
      absWorkingDir: dir,
      bundle: true,
      external: [...broken].map((path) => join(dir, path)),
      format: 'esm',
      logLevel: 'silent',
      logLimit: 0,
      metafile: true,
      packages: 'external',
      platform: 'node',
      stdin: { contents: paths.map(lineOf).join('\n'), resolveDir: dir },
      write: false,
    });
    // A file without any import or export counts as CommonJS, which always has a default.
    return paths.filter((path) => metafile.inputs[path]?.format !== 'esm').map(noBlockIn);
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    const errors = error.errors.map((message) => toError(message, paths));
    return [...errors, ...(await checkRest(dir, paths, broken, errors))];
  }
}

function lineOf(path: string, index: number): string {
  return `export { default as d${index} } from ${JSON.stringify(`./${path}`)};`;
}

/** esbuild looks at exports only when it could read all files, so it is asked again without those it could not. */
async function checkRest(
  dir: string,
  paths: readonly string[],
  broken: ReadonlySet<string>,
  errors: readonly DefinitionError[],
): Promise<DefinitionError[]> {
  const more = new Set([...broken, ...errors.map(({ file }) => file)]);
  if (more.size === broken.size) return [];
  return checkTypescript(
    dir,
    paths.filter((path) => !more.has(path)),
    more,
  );
}

/** An error in our own lines says that a block file has no default export. */
function toError(message: Message, paths: readonly string[]): DefinitionError {
  const { location } = message;
  if (location?.file !== '<stdin>') return toDefinitionError(message, paths[0] ?? '');
  return noBlockIn(paths[location.line - 1] ?? '');
}
