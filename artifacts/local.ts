import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { Fault } from '../runtime/fault.ts';
import type { ArtifactRef } from '../workflows/activities.ts';
import type { ArtifactStore, AttemptFile } from './store.ts';

const SCHEME = 'store:///';

/** Keeps artifacts below a folder of this machine. An attempt's folder is where its artifact stays. */
export function createLocalStore(folder: string): ArtifactStore {
  const root = resolve(folder);
  const ours = randomBytes(4).toString('hex');
  let folders = 0;
  return {
    attemptFolder(run, block, attempt) {
      folders += 1;
      return join(root, String(run), block, `${attempt}-${ours}-${folders}`);
    },

    async publish(created, file) {
      const path = join(created, file.name);
      const key = keyOf(root, path);
      await checkWhole(path, file);
      await removeOthers(created, file.name);
      const { format, rows, bytes, sha256 } = file;
      return { uri: `${SCHEME}${key}`, format, rows, bytes, sha256 };
    },

    async resolve(artifact) {
      const path = pathOf(root, artifact);
      if (await isFile(path)) return path;
      throw new Fault(
        'artifact.missing',
        `${artifact.uri} is not in the store at ${root}: run the pipeline again`,
      );
    },

    async discard(created) {
      requireInside(root, created);
      // Most blocks leave no folder, and to look is cheaper than to remove nothing.
      if (!existsSync(created)) return;
      await rm(created, { recursive: true, force: true });
    },

    async discardBefore(run, block, attempt) {
      const folder = join(root, String(run), block);
      const earlier = (await namesIn(folder)).filter((name) => Number.parseInt(name, 10) < attempt);
      for (const name of earlier) await rm(join(folder, name), { recursive: true, force: true });
    },

    async remove(artifact) {
      const attempt = dirname(pathOf(root, artifact));
      if (!isInside(root, attempt)) throw new Error(`${artifact.uri} is in no attempt's folder`);
      await rm(attempt, { recursive: true, force: true });
      await removeEmpty(dirname(attempt), root);
    },

    async removeStrays(run, kept) {
      const attempts = new Set(kept.map((artifact) => dirname(pathOf(root, artifact))));
      const folder = join(root, String(run));
      for (const block of await namesIn(folder)) {
        for (const attempt of await namesIn(join(folder, block))) {
          const path = join(folder, block, attempt);
          if (!attempts.has(path)) await rm(path, { recursive: true, force: true });
        }
        await removeEmpty(join(folder, block), root);
      }
    },

    async removeRun(run) {
      await rm(join(root, String(run)), { recursive: true, force: true });
    },
  };
}

/** Of a folder that may not be there. */
function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

/** Removes a folder and those above it, as far as nothing is in them. */
async function removeEmpty(folder: string, root: string): Promise<void> {
  if (!isInside(root, folder)) return;
  const isGone = await rmdir(folder).then(
    () => true,
    (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT',
  );
  if (isGone) await removeEmpty(dirname(folder), root);
}

function pathOf(root: string, { uri }: Pick<ArtifactRef, 'uri'>): string {
  const key = uri.startsWith(SCHEME) ? decodeURIComponent(uri.slice(SCHEME.length)) : '';
  const path = resolve(root, key);
  if (key === '' || key.includes('\0') || !isInside(root, path)) {
    throw new Fault('artifact.missing', `${uri} is not the address of an artifact`);
  }
  return path;
}

function keyOf(root: string, path: string): string {
  const absolute = requireInside(root, path);
  return relative(root, absolute).split(sep).map(encodeURIComponent).join('/');
}

function requireInside(root: string, path: string): string {
  const absolute = resolve(path);
  if (!isInside(root, absolute)) throw new Error(`${path} is not below the store at ${root}`);
  return absolute;
}

function isInside(root: string, path: string): boolean {
  return path.startsWith(root + sep);
}

async function checkWhole(path: string, { name, bytes }: AttemptFile): Promise<void> {
  if (name !== basename(name)) throw new Error(`${name} is not a file of the attempt's own folder`);
  const { size } = await stat(path);
  if (size !== bytes) throw new Error(`${path} has ${size} bytes and not ${bytes}`);
}

async function removeOthers(folder: string, kept: string): Promise<void> {
  const others = (await readdir(folder)).filter((name) => name !== kept);
  for (const name of others) await rm(join(folder, name), { recursive: true, force: true });
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
