import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

// Writes dist/: what an installed package runs, the workflow's bundle included.
const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');

rmSync(dist, { recursive: true, force: true });
execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
const { workflowSources } = await import(
  new URL('../dist/worker/workflow-sources.js', import.meta.url).href
);
const { code } = await bundleWorkflowCode(workflowSources(join(dist, 'workflows')));
writeFileSync(join(dist, 'workflow-bundle.js'), code);
