import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../runtime/fault.ts';
import { canReach, type PostgresUser } from './postgres-user.ts';

/** In the stack's folder: which place has its data. In the place: whose they are. */
const NOTE = 'location';

/** A folder for root's stacks which every user can get to. */
export async function publicFolder(): Promise<string> {
  for (const folder of ['/var/lib/highwater', '/var/tmp/highwater']) {
    try {
      await mkdir(folder, { recursive: true });
      await chmod(folder, 0o755);
      return folder;
    } catch {
      continue;
    }
  }
  throw new Fault('postgres.failed', 'Neither /var/lib nor /var/tmp can be written to');
}

/** Where the data of `dir` are: in it, or where Postgres' user can get to them. */
export async function settlePlace(
  dir: string,
  user: PostgresUser | undefined,
  say: (line: string) => void,
): Promise<string> {
  await mkdir(dir, { recursive: true });
  const noted = await readNote(dir);
  if (noted !== undefined && (await exists(noted))) return noted;
  if (canReach(user, dir)) return dir;

  const folder = await publicFolder();
  await removeForgotten(folder);
  const place = join(folder, `data-${randomBytes(8).toString('hex')}`);
  await mkdir(place, { mode: 0o755 });
  await writeFile(join(dir, NOTE), `${place}\n`);
  await writeFile(join(place, NOTE), `${dir}\n`);
  say(`User postgres cannot get to ${dir}: its data are in ${place}`);
  return place;
}

/** Data whose stack was deleted would stay for ever: nobody looks for them here. */
async function removeForgotten(folder: string): Promise<void> {
  for (const name of (await readdir(folder)).filter((entry) => entry.startsWith('data-'))) {
    const place = join(folder, name);
    const owner = await readNote(place);
    if (owner === undefined || (await readNote(owner)) === place) continue;
    await rm(place, { recursive: true, force: true });
  }
}

async function readNote(folder: string): Promise<string | undefined> {
  const text = await readFile(join(folder, NOTE), 'utf8').catch(() => undefined);
  return text?.trim();
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
