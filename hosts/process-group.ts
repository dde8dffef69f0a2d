import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 20;
const GIVE_UP_MS = 2_000;

/** Signals a process and everything it started. A group that is gone already is fine. */
export function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

/** Waits up to `graceMs` for a group to be gone, and then ends it by force. */
export async function endGroup(leader: number, graceMs: number): Promise<void> {
  const patience = Date.now() + graceMs;
  const giveUp = patience + GIVE_UP_MS;
  while (Date.now() < giveUp && (await isAlive(leader))) {
    if (Date.now() >= patience) signalGroup(leader, 'SIGKILL');
    await sleep(POLL_MS);
  }
}

async function isAlive(leader: number): Promise<boolean> {
  try {
    process.kill(-leader, 0);
  } catch (error) {
    return !isGone(error);
  }
  return process.platform !== 'linux' || (await hasMembers(leader));
}

/** A killed process that nobody waits for stays in its group, as a zombie. It does not count. */
async function hasMembers(leader: number): Promise<boolean> {
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(group) === leader && state !== 'Z' && state !== 'X') return true;
  }
  return false;
}

function isGone(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ESRCH';
}
