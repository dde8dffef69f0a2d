import { randomBytes } from 'node:crypto';
import { chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../runtime/fault.ts';
import type { PostgresUser } from './postgres-user.ts';
import { launch } from './process.ts';

export interface Cluster {
  /** Postgres' own data folder. */
  readonly data: string;
  readonly password: string;
}

/** Finds the database cluster in a folder, or makes it. Half-made ones are never seen. */
export async function openCluster(
  root: string,
  initdb: string,
  user: PostgresUser | undefined,
  log: (line: string) => void,
): Promise<Cluster> {
  const data = join(root, 'data');
  const password = await keepPassword(root);
  if (await stat(join(data, 'PG_VERSION')).catch(() => undefined)) return { data, password };

  const draft = join(root, `new-${process.pid}`);
  const passwordFile = join(root, `password-${process.pid}`);
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user) for (const path of [draft, passwordFile]) await chown(path, user.uid, user.gid);
  try {
    await initialise(initdb, draft, passwordFile, user, log);
    await rename(draft, data);
  } finally {
    await rm(draft, { recursive: true, force: true });
    await rm(passwordFile, { force: true });
  }
  return { data, password };
}

async function keepPassword(root: string): Promise<string> {
  const file = join(root, 'password');
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  if (kept !== undefined) return kept;
  const password = randomBytes(18).toString('base64url');
  await writeFile(file, password, { mode: 0o600 });
  return password;
}

async function initialise(
  initdb: string,
  data: string,
  passwordFile: string,
  user: PostgresUser | undefined,
  log: (line: string) => void,
): Promise<void> {
  const lines: string[] = [];
  const args = [
    ...['--pgdata', data, '--username', 'highwater', '--pwfile', passwordFile],
    ...['--auth', 'scram-sha-256', '--encoding', 'UTF8', '--locale', 'C'],
    ...['--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8'],
  ];
  const ended = await (
    await launch({
      command: initdb,
      args,
      env: { LC_ALL: 'C', TZ: 'UTC' },
      ...user,
      log: (line) => {
        lines.push(line);
        log(line);
      },
    })
  ).exited;
  if (ended === 'exit code 0') return;
  throw new Fault('postgres.failed', `initdb ended with ${ended}:\n${lines.slice(-20).join('\n')}`);
}
