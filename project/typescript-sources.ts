import { build, type BuildResult } from 'esbuild';
import { join, relative, sep } from 'node:path';
import { blockSource } from '../plan/hash.ts';
import { checkTypescript } from './check-typescript.ts';
import { isBuildFailure, noBlockIn } from './esbuild-errors.ts';
import type { Gathered } from './sources.ts';

const OPTIONS = {
  bundle: true,
  charset: 'utf8',
  format: 'esm',
  legalComments: 'inline',
  logLevel: 'silent',
  metafile: true,
  outExtension: { '.js': '.mjs' },
  outbase: '.',
  outdir: '.',
  packages: 'external',
  platform: 'node',
  sourcemap: 'inline',
  target: 'node20',
  write: false,
} as const;

type Bundles = BuildResult<typeof OPTIONS & { absWorkingDir: string; entryPoints: string[] }>;

/**
 * Bundles each file with the local files that it imports into one module; packages stay imports.
 * The same files give the same bytes on every machine.
 */
export async function gatherTypescript(
  dir: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, Gathered>> {
  try {
    const bundles = await build({
      ...OPTIONS,
      absWorkingDir: dir,
      entryPoints: paths.map((path) => `./${path}`),
    });
    return sourcesIn(dir, bundles);
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    const errors = await checkTypescript(dir, paths);
    return new Map(paths.map((path) => [path, { errors }]));
  }
}

function sourcesIn(dir: string, { metafile, outputFiles }: Bundles): Map<string, Gathered> {
  const texts = new Map(outputFiles.map((file) => [posix(relative(dir, file.path)), file]));
  const gathered = new Map<string, Gathered>();
  for (const [output, { entryPoint, exports, inputs }] of Object.entries(metafile.outputs)) {
    if (entryPoint === undefined) continue;
    const text = texts.get(output)?.text ?? '';
    const source = blockSource({
      language: 'typescript',
      entry: output,
      files: { [output]: text },
    });
    const readFrom = Object.keys(inputs).map((input) => join(dir, input));
    gathered.set(
      entryPoint,
      exports.includes('default')
        ? { source, errors: [], readFrom }
        : { errors: [noBlockIn(entryPoint)], readFrom },
    );
  }
  return gathered;
}

function posix(path: string): string {
  return path.split(sep).join('/');
}
