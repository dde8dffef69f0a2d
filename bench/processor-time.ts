import { readdirSync, readFileSync } from 'node:fs';

/** Kernels count processor time in ticks of 10 ms for user space, whatever they use inside. */
const TICK_MS = 10;
const [PARENT, USER, SYSTEM, CHILDREN_USER, CHILDREN_SYSTEM] = [1, 11, 12, 13, 14];

/** What a process and those directly below it have used of the processors, in ms. Linux. */
export function processorMs(root: number): number {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => [Number(name), fieldsOf(name)] as const);
  const family = all.filter(([pid, fields]) => pid === root || Number(fields[PARENT]) === root);
  return family.reduce((sum, [pid, fields]) => sum + ticks(fields, pid === root) * TICK_MS, 0);
}

/** Those below the root that have ended count with the root. */
function ticks(fields: readonly string[], isRoot: boolean): number {
  const own = Number(fields[USER]) + Number(fields[SYSTEM]);
  return isRoot ? own + Number(fields[CHILDREN_USER]) + Number(fields[CHILDREN_SYSTEM]) : own;
}

function fieldsOf(pid: string): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}
