import { readFile } from 'node:fs/promises';
import type { HostUsage } from './protocol.ts';

/** Kernels count processor time in ticks of 10 ms for user space, whatever they use inside. */
const TICK_MS = 10;
const USER_TIME = 11;
const SYSTEM_TIME = 12;

/** What a process has used so far, as Linux tells it; undefined elsewhere and for a process that is gone. */
export async function sampleProcess(pid: number): Promise<HostUsage | undefined> {
  try {
    const [status, stat] = await Promise.all([
      readFile(`/proc/${pid}/status`, 'utf8'),
      readFile(`/proc/${pid}/stat`, 'utf8'),
    ]);
    const peak = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[USER_TIME]) + Number(fields[SYSTEM_TIME]);
    if (peak === undefined) return undefined;
    return { peakMemoryBytes: Number(peak) * 1024, cpuMs: ticks * TICK_MS };
  } catch {
    return undefined;
  }
}
