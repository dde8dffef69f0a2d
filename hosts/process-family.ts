import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 20;
const GIVE_UP_MS = 2_000;

/** A variable of a host's environment, which everything that the host starts inherits. */
export const MARK = 'HIGHWATER_HOST_MARK';

/**
 * A host's process and everything that it started: its process group and, where there is a /proc, whoever
 * left the group with the host's mark in its environment.
 */
export interface Family {
  /** Leads the process group. */
  readonly leader: number;
  /** What `MARK` is in the leader's environment, and in no other family's. */
  readonly mark: string;
}

/** Signals a process and its group. A group that is gone already is fine. */
export function signalGroup(leader: number, signal: NodeJS.Signals): void {
  send(-leader, signal);
}

export async function signalFamily(family: Family, signal: NodeJS.Signals): Promise<void> {
  signalGroup(family.leader, signal);
  const members = await membersOf(family);
  for (const { pid, group } of members) if (group !== family.leader) send(pid, signal);
}

/** Waits up to `graceMs` for a family to be gone, and then ends it by force. */
export async function endFamily(family: Family, graceMs: number): Promise<void> {
  const patience = Date.now() + graceMs;
  const giveUp = patience + GIVE_UP_MS;
  while (Date.now() < giveUp) {
    const members = await membersOf(family);
    if (members.length === 0) return;
    if (Date.now() >= patience) for (const { pid } of members) send(pid, 'SIGKILL');
    await sleep(POLL_MS);
  }
}

interface Member {
  /** Negative: a whole group. */
  readonly pid: number;
  readonly group: number;
}

async function membersOf(family: Family): Promise<Member[]> {
  const { leader } = family;
  if (!existsSync('/proc')) return send(-leader, 0) ? [{ pid: -leader, group: leader }] : [];
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map((pid) => findMember(pid, family)));
  return found.filter((member) => member !== undefined);
}

async function findMember(pid: number, { leader, mark }: Family): Promise<Member | undefined> {
  const group = await groupOf(pid);
  if (group === leader) return { pid, group };
  if (group === undefined) return undefined;
  const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
  return environment.split('\0').includes(`${MARK}=${mark}`) ? { pid, group } : undefined;
}

/** A killed process that nobody waits for stays in its group, as a zombie. It does not count. */
async function groupOf(pid: number): Promise<number | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => 'gone) X');
  const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' || state === 'X' ? undefined : Number(group);
}

/** Whether somebody is there; one of another user may not be signalled. */
function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
