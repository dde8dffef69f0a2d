import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../runtime/fault.ts';
import { canReach, type PostgresUser } from './postgres-user.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { launch } from './process.ts';

export interface Cluster {
  /** Postgres' own data folder. */
  readonly data: string;
  readonly password: string;
}

/** Folders for root's stacks which every user can get to. */
export async function publicFolder(): Promise<string> {
  for (const folder of ['/var/lib/highwater', '/var/tmp/highwater']) {
    const made = await mkdir(folder, { recursive: true }).then(
      () => chmod(folder, 0o755).then(() => true),
      () => false,
    );
    if (made) return folder;
  }
  throw new Fault('postgres.failed', 'Neither /var/lib nor /var/tmp can be written to');
}

/** Finds the database cluster that belongs to `dir`, or makes it. Half-made ones are never seen. */
export async function openCluster(
  dir: string,
  { initdb }: Pick<PostgresBinaries, 'initdb'>,
  user: PostgresUser | undefined,
  log: (line: string) => void,
): Promise<Cluster> {
  await mkdir(dir, { recursive: true });
  const root = await placeOf(dir, user, log);
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

/** `dir` itself, or the place noted in it where the Postgres user can reach its data. */
async function placeOf(
  dir: string,
  user: PostgresUser | undefined,
  log: (line: string) => void,
): Promise<string> {
  const note = join(dir, 'location');
  const noted = await readFile(note, 'utf8').catch(() => undefined);
  if (noted !== undefined) {
    await mkdir(noted.trim(), { recursive: true, mode: 0o755 });
    return noted.trim();
  }
  if (canReach(user, dir)) return dir;
  const place = join(await publicFolder(), `data-${randomBytes(8).toString('hex')}`);
  await mkdir(place, { mode: 0o755 });
  await writeFile(note, `${place}\n`);
  log(`User postgres cannot get to ${dir}: its data are in ${place}`);
  return place;
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
