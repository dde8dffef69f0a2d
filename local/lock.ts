import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { identify } from './process.ts';

const POLL_MS = 100;
let drafts = 0;

/**
 * Runs `work` while no other process that asks for the same file runs its own. A dead holder's lock is taken over.
 * The signal ends the wait for it, not the work.
 */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  while (!(await tryLock(file))) {
    signal?.throwIfAborted();
    if (await isHeld(file)) await wait(POLL_MS);
    else await rm(file, { force: true });
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

/** The file appears with its holder's name in it, or not at all. */
async function tryLock(file: string): Promise<boolean> {
  const draft = `${file}.${process.pid}-${++drafts}`;
  await writeFile(draft, `${process.pid} ${(await identify(process.pid)) ?? ''}`);
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function isHeld(file: string): Promise<boolean> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const [pid, ...identity] = text.split(' ');
  return (await identify(Number(pid))) === identity.join(' ');
}
