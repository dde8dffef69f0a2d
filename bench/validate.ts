import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { packageRoot } from '../runtime/paths.ts';
import { generateProject } from './generate-project.ts';

const PIPELINES = 500;
const RUNS = 5;

/** How long `highwater validate` takes, as a whole process, for many pipelines of twenty blocks. */
const dir = mkdtempSync(join(tmpdir(), 'highwater-bench-'));
try {
  generateProject(dir, PIPELINES);
  const seconds = Array.from({ length: RUNS }, () => time(dir)).sort((a, b) => a - b);
  const [best = 0] = seconds;
  const median = seconds[Math.floor(RUNS / 2)] ?? 0;
  process.stdout.write(
    `${PIPELINES} pipelines of 20 blocks: ${median.toFixed(2)} s (median of ${RUNS}; best ${best.toFixed(2)} s)\n`,
  );
} finally {
  rmSync(dir, { recursive: true });
}

function time(project: string): number {
  const begun = performance.now();
  const highwater = join(packageRoot, 'bin/highwater.js');
  execFileSync(process.execPath, [highwater, 'validate', '--project', project]);
  return (performance.now() - begun) / 1000;
}
