import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureInstalled, root } from './ensure-installed.js';

// Runs every test but the long ones of `npm run test:chaos`, and ends with one line that says how many passed and failed.
ensureInstalled();
// Whatever a test leaves behind goes with this folder; root's Postgres looks into it as another user.
const folder = mkdtempSync(join(tmpdir(), 'highwater-tests-'));
chmodSync(folder, 0o755);
const chosen = process.argv.some((argument) => argument.startsWith('--project'));
const counts = join(folder, 'counts.json');
const { status } = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    ...(chosen ? [] : ['--project=!chaos']),
    ...['--reporter=default', '--reporter=./scripts/count-reporter.js'],
    ...process.argv.slice(2),
  ],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, TMPDIR: folder, HIGHWATER_TEST_COUNTS: counts },
  },
);
const { passed, failed } = readCounts();
rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 ? 1 : (status ?? 1);

function readCounts() {
  try {
    return JSON.parse(readFileSync(counts, 'utf8'));
  } catch {
    return { passed: 0, failed: 1 };
  }
}
