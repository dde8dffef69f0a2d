import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { Fault, messageOf } from '../runtime/fault.ts';

const run = promisify(execFile);

/** Who Postgres runs as: itself refuses root. Undefined: as ourselves. */
export interface PostgresUser {
  readonly uid: number;
  readonly gid: number;
}

/** The `postgres` user when we are root, made when the system has none. */
export async function findPostgresUser(): Promise<PostgresUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  return (await lookUp()) ?? (await createUser());
}

/** Whether the user gets through all folders above and may read `path`. */
export function canReach(user: PostgresUser | undefined, path: string): boolean {
  if (!user) return true;
  const { status } = spawnSync('/bin/sh', ['-c', 'test -r "$1"', 'sh', path], {
    ...user,
    cwd: '/',
  });
  return status === 0;
}

async function lookUp(): Promise<PostgresUser | undefined> {
  try {
    const [uid, gid] = await Promise.all([
      run('id', ['-u', 'postgres']),
      run('id', ['-g', 'postgres']),
    ]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

async function createUser(): Promise<PostgresUser> {
  const failures: string[] = [];
  for (const [command, ...args] of [
    ['useradd', '--system', '--user-group', '--no-create-home', 'postgres'],
    ['adduser', '-S', '-D', '-H', 'postgres'],
  ] as const) {
    await run(command, args).catch((error: unknown) => failures.push(messageOf(error)));
    const user = await lookUp();
    if (user) return user;
  }
  throw new Fault(
    'postgres.failed',
    'Postgres refuses to run as root, and a user `postgres` could not be made. Run as another user, or set ' +
      `DATABASE_URL to a server of your own.\n${failures.join('\n')}`,
  );
}
