import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureInstalled, root } from './ensure-installed.js';

// Runs every test, and ends with one line that says how many passed and failed.
ensureInstalled();
const folder = mkdtempSync(join(tmpdir(), 'highwater-tests-'));
const counts = join(folder, 'counts.json');
const { status } = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    ...['--reporter=default', '--reporter=./scripts/count-reporter.js'],
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, HIGHWATER_TEST_COUNTS: counts } },
);
const { passed, failed } = readCounts();
rmSync(folder, { recursive: true });
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 ? 1 : (status ?? 1);

function readCounts() {
  try {
    return JSON.parse(readFileSync(counts, 'utf8'));
  } catch {
    return { passed: 0, failed: 1 };
  }
}
