import { build, type BuildFailure, type BuildResult, type Message } from 'esbuild';
import { join, relative, sep } from 'node:path';
import type { DefinitionError } from '../pipeline/definition-error.ts';
import { blockSource } from '../plan/hash.ts';
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
    return failures(paths, error.errors);
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
        : { errors: [noDefaultExport(entryPoint)], readFrom },
    );
  }
  return gathered;
}

/** esbuild gives up all of a batch; each file of it then has the errors of its own. */
function failures(paths: readonly string[], messages: readonly Message[]): Map<string, Gathered> {
  const errors = messages.map((message) => toError(message, paths[0] ?? ''));
  return new Map(
    paths.map((path) => [
      path,
      { errors: errors.filter(({ file }) => file === path || !paths.includes(file)) },
    ]),
  );
}

function toError({ text, location }: Message, otherwise: string): DefinitionError {
  const code = 'typescript.invalid';
  if (!location) {
    return { file: otherwise, line: 1, column: 1, code, message: text, excerpt: '' };
  }
  const { file, line, column, lineText } = location;
  const before = Buffer.from(lineText).subarray(0, column).toString();
  return { file, line, column: before.length + 1, code, message: text, excerpt: lineText };
}

function noDefaultExport(file: string): DefinitionError {
  const message = 'the file has no default export: write export default block(async ({ … }) => …)';
  return { file, line: 1, column: 1, code: 'typescript.no_block', message, excerpt: '' };
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors);
}

function posix(path: string): string {
  return path.split(sep).join('/');
}
