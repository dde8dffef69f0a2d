import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Installs the dependencies when they are missing or differ from package-lock.json. */
export function ensureInstalled() {
  if (isInstalled()) return;
  process.stdout.write('Installing dependencies: npm ci\n');
  const { status } = spawnSync('npm', ['ci'], { cwd: root, stdio: 'inherit', shell: isWindows });
  if (status !== 0) process.exit(status ?? 1);
}

const isWindows = process.platform === 'win32';

function isInstalled() {
  try {
    const wanted = packagesOf('package-lock.json');
    const present = packagesOf('node_modules/.package-lock.json');
    return Object.entries(wanted)
      .filter(([path, { optional, link }]) => path !== '' && !optional && !link)
      .every(([path, { version }]) => present[path]?.version === version);
  } catch {
    return false;
  }
}

function packagesOf(file) {
  return JSON.parse(readFileSync(`${root}/${file}`, 'utf8')).packages;
}
