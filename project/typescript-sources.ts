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
    return paths.length === 1 ? failed(paths, error.errors) : inHalves(dir, paths);
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

/** esbuild gives up a whole batch for one file, so the batch is split until that file stands alone. */
async function inHalves(dir: string, paths: readonly string[]): Promise<Map<string, Gathered>> {
  const middle = Math.ceil(paths.length / 2);
  const first = await gatherTypescript(dir, paths.slice(0, middle));
  const second = await gatherTypescript(dir, paths.slice(middle));
  return new Map([...first, ...second]);
}

function failed(
  [path = '']: readonly string[],
  messages: readonly Message[],
): Map<string, Gathered> {
  return new Map([[path, { errors: messages.map((message) => toError(message, path)) }]]);
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
