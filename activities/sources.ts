import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Db } from '../db/database.ts';
import { getSource } from '../db/pipelines/plans.ts';
import type { BlockSource, Hash } from '../plan/plan.ts';

export interface SourceFolder {
  /** Absolute; holds the block's file and the local files that it imports. */
  readonly folder: string;
  /** The block's file, relative to the folder. */
  readonly entry: string;
  readonly files: BlockSource['files'];
}

/** The code of blocks as files on this machine, one folder a hash, written once. */
export interface Sources {
  get(hash: Hash): Promise<SourceFolder>;
}

export function createSources(db: Db, root: string): Sources {
  const known = new Map<Hash, Promise<SourceFolder>>();
  return {
    get(hash) {
      const found = known.get(hash) ?? materialise(db, root, hash);
      known.set(hash, found);
      found.catch(() => known.delete(hash));
      return found;
    },
  };
}

async function materialise(db: Db, root: string, hash: Hash): Promise<SourceFolder> {
  const { entry, files } = await getSource(db, hash);
  const folder = join(root, hash);
  if (!(await exists(folder))) await writeWhole(folder, files);
  return { folder, entry, files };
}

/** Written aside and renamed, so that another worker never sees half a folder. */
async function writeWhole(folder: string, files: BlockSource['files']): Promise<void> {
  const aside = `${folder}.${randomUUID()}`;
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(aside, path)), { recursive: true });
    await writeFile(join(aside, path), text);
  }
  try {
    await rename(aside, folder);
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    if (!(await exists(folder))) throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
