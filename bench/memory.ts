import { readFileSync, readdirSync } from 'node:fs';

const MIB = 1024 * 1024;

/** What a process and everything below it hold, in MiB; pages that several share count once. Linux. */
export function pssMib(root: number): number {
  return Math.round(
    familyOf(root).reduce((sum, pid) => sum + kib(pid, 'smaps_rollup', 'Pss'), 0) / 1024,
  );
}

/** The most that a process ever held in memory, in MiB. Linux. */
export function peakRssMib(pid: number): number {
  return Math.round((kib(pid, 'status', 'VmHWM') * 1024) / MIB);
}

function familyOf(root: number): number[] {
  const parents = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => [Number(name), kib(Number(name), 'status', 'PPid')]),
  );
  const family = [root];
  for (const member of family) {
    for (const [pid, parent] of parents) if (parent === member) family.push(pid);
  }
  return family;
}

/** A number out of one of a process's files; 0 when the process is gone. */
function kib(pid: number, file: string, name: string): number {
  try {
    const text = readFileSync(`/proc/${pid}/${file}`, 'utf8');
    return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);
  } catch {
    return 0;
  }
}
