import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import type { HostUsage } from '../protocol.ts';

/** A peak that is hardly more than what the process holds anyhow hides no other one. */
const SPIKE = 1.02;

let spiked = true;

/** Starts to measure one block; the answer is what it used until now. */
export function measureUsage(): () => HostUsage {
  if (spiked) resetPeak();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return { peakMemoryBytes: peakMemory(), cpuMs: Math.round((user + system) / 1_000) };
  };
}

/** Linux lets a process forget its peak; elsewhere it is that of the whole life of the host. */
function resetPeak(): void {
  try {
    const file = openSync('/proc/self/clear_refs', 'w');
    writeSync(file, '5');
    closeSync(file);
  } catch {
    return;
  }
}

function peakMemory(): number {
  const known = status();
  const peak = kib(known, PEAK) ?? process.resourceUsage().maxRSS;
  spiked = peak > SPIKE * (kib(known, HELD) ?? 0);
  return peak * 1024;
}

const PEAK = /^VmHWM:\s+(\d+) kB/m;
const HELD = /^VmRSS:\s+(\d+) kB/m;

function kib(known: string, line: RegExp): number | undefined {
  const value = line.exec(known)?.[1];
  return value === undefined ? undefined : Number(value);
}

const STATUS_BYTES = 4096;
const statusBytes = Buffer.alloc(STATUS_BYTES);
/** Stays open: every read from its start is a new one. */
let statusFile: number | undefined;

/** What Linux tells of this process; empty elsewhere. */
function status(): string {
  try {
    statusFile ??= openSync('/proc/self/status', 'r');
    const length = readSync(statusFile, statusBytes, 0, STATUS_BYTES, 0);
    return statusBytes.toString('latin1', 0, length);
  } catch {
    return '';
  }
}
