import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheRoot } from '../../runtime/paths.ts';

const run = promisify(execFile);
const SDK = 'etl-watcher-sdk==0.1.43';
const IS_NEW = 'import sys; sys.exit(sys.version_info < (3, 12))';
const PIP = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];

/** The interpreter of an environment that holds Watcher's own Python SDK. */
export function watcherSdkPython(): Promise<string> {
  return pythonWith(SDK);
}

/** The interpreter of an environment that holds this package, such as `name==1.0`; made once on each machine. */
export async function pythonWith(requirement: string): Promise<string> {
  const target = join(cacheRoot(process.env), requirement);
  const python = join(target, 'bin', 'python');
  if (existsSync(python)) return python;

  const base = await findNewPython();
  await mkdir(dirname(target), { recursive: true });
  const draft = await mkdtemp(`${target}-`);
  await run(base, ['-m', 'venv', draft]);
  await run(join(draft, 'bin', 'python'), [...PIP, requirement], { timeout: 300_000 });
  // Two processes may make it at once: the first one's stays.
  await rename(draft, target).catch(() => rm(draft, { recursive: true }));
  return python;
}

async function findNewPython(): Promise<string> {
  const named = ['python3', 'python3.14', 'python3.13', 'python3.12'];
  for (const command of [...named, ...pyenvPythons()]) {
    const isNew = await run(command, ['-c', IS_NEW]).then(
      () => true,
      () => false,
    );
    if (isNew) return command;
  }
  throw new Error(
    `Python 3.12 or newer is needed, and neither PATH nor pyenv has one: install it to run this test`,
  );
}

function pyenvPythons(): string[] {
  const versions = join(process.env['PYENV_ROOT'] ?? join(homedir(), '.pyenv'), 'versions');
  if (!existsSync(versions)) return [];
  return readdirSync(versions).map((version) => join(versions, version, 'bin', 'python'));
}
