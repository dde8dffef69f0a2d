import { bundleWorkflowCode } from '@temporalio/worker';
import { build } from 'esbuild';
import { chmod, cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { glob } from 'tinyglobby';
import { createLog } from '../runtime/log.ts';
import { packageRoot } from '../runtime/paths.ts';
import { temporalLogger } from '../worker/temporal-logger.ts';
import { workflowSources } from '../worker/workflow-sources.ts';

const NOT_SHIPPED = [
  ...['bench', 'dist', 'examples', 'node_modules', 'scripts', 'templates', 'test'],
  '**/*.test.ts',
];

export interface BuiltPackage {
  readonly root: string;
  remove(): Promise<void>;
}

/**
 * Compiles Highwater into a folder laid out as an installed package is. Its processes start several times faster than
 * from source, where each compiles what it loads, and each worker the workflow's bundle.
 */
export async function buildPackage(): Promise<BuiltPackage> {
  const root = await mkdtemp(join(tmpdir(), 'highwater-built-'));
  await chmod(root, 0o755); // for root's Postgres, which runs as another user
  for (const path of ['node_modules', 'package.json', 'hosts', 'schemas', 'templates']) {
    await symlink(join(packageRoot, path), join(root, path));
  }
  await cp(join(packageRoot, 'bin'), join(root, 'bin'), { recursive: true });
  await compile(join(root, 'dist'));
  const { code } = await bundleWorkflowCode({
    ...workflowSources(join(root, 'dist', 'workflows')),
    logger: temporalLogger(createLog('test', 'warn')),
  });
  await writeFile(join(root, 'dist', 'workflow-bundle.js'), code);
  return { root, remove: () => rm(root, { recursive: true }) };
}

/** File by file, without looking at types: `npm run lint` does that. */
async function compile(outdir: string): Promise<void> {
  const entryPoints = await glob('*/**/*.ts', { cwd: packageRoot, ignore: NOT_SHIPPED });
  await build({
    ...{ absWorkingDir: packageRoot, entryPoints, outdir, outbase: packageRoot },
    ...{ bundle: true, format: 'esm', platform: 'node', logLevel: 'warning' },
    plugins: [
      {
        name: 'leave imports as they are, but for the ending',
        setup: (compiler) => {
          compiler.onResolve({ filter: /^/ }, ({ kind, path }) =>
            kind === 'entry-point'
              ? undefined
              : { path: path.replace(/^(\..*)\.ts$/, '$1.js'), external: true },
          );
        },
      },
    ],
  });
}
