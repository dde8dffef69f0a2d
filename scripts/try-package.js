import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Packs Highwater, installs it in an empty folder, and runs the starter project with nothing of the checkout.
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'highwater-package-'));
chmodSync(folder, 0o755); // for root's Postgres, which runs as another user
const project = join(folder, 'cafe');
const env = {
  ...process.env,
  HIGHWATER_PORT: '0',
  HIGHWATER_POSTGRES_PORT: '0',
  HIGHWATER_TEMPORAL_PORT: '0',
  HIGHWATER_TEMPORAL_UI_PORT: '0',
};
const shell = process.platform === 'win32';
const run = (command, args, cwd) =>
  execFileSync(command, args, { cwd, env, shell, stdio: 'inherit' });
const highwater = (args, cwd) => run(join(folder, 'node_modules', '.bin', 'highwater'), args, cwd);

try {
  run('npm', ['pack', '--silent', '--pack-destination', folder], root);
  const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  run('npm', ['init', '--yes', '--silent'], folder);
  run('npm', ['install', '--silent', join(folder, `${name}-${version}.tgz`)], folder);
  highwater(['init', 'cafe'], folder);
  highwater(['validate'], project);
  highwater(['dev', '--detach'], project);
  try {
    highwater(['run', 'daily_sales'], project);
    highwater(['status'], project);
  } finally {
    highwater(['stop'], project);
  }
  process.stdout.write('The package works\n');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
