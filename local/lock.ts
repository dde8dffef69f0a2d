import { open, readFile, rm } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { identify } from './process.ts';

/** Runs `work` while no other process that asks for the same file runs its own. A dead holder's lock is taken over. */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  while (!(await tryLock(file))) {
    if (!(await isHeld(file))) await rm(file, { force: true });
    await wait(200);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function tryLock(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx');
    await handle.writeFile(`${process.pid} ${(await identify(process.pid)) ?? ''}`);
    await handle.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function isHeld(file: string): Promise<boolean> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const [pid, ...identity] = text.split(' ');
  if (!pid) {
    await wait(1_000); // its holder is about to write its name
    return (await readFile(file, 'utf8').catch(() => '')) !== '';
  }
  return (await identify(Number(pid))) === identity.join(' ');
}
