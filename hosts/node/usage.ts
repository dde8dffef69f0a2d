import { readFileSync, writeFileSync } from 'node:fs';
import type { HostUsage } from '../protocol.ts';

/** Starts to measure one block; the answer is what it used until now. */
export function measureUsage(): () => HostUsage {
  resetPeak();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return { peakMemoryBytes: peakMemory(), cpuMs: Math.round((user + system) / 1_000) };
  };
}

/** Linux lets a process forget its peak; elsewhere it is that of the whole life of the host. */
function resetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    return;
  }
}

function peakMemory(): number {
  try {
    const peak = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (peak !== undefined) return Number(peak) * 1024;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * 1024;
}
