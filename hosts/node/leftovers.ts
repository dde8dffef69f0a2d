import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import { setImmediate } from 'node:timers/promises';

const STARTERS = [
  'exec',
  'execFile',
  'execFileSync',
  'execSync',
  'fork',
  'spawn',
  'spawnSync',
] as const;

/** What keeps a process alive after a block: not file reads or callbacks that are about to end. */
const LASTING =
  /^(Timeout|Worker|MessagePort|.*(Server|Socket|Pipe|Process|Watcher|Event)\w*Wrap)$/;

export interface Leftovers {
  /** Whether something of the block may live on: timers, servers, sockets, child processes. */
  found(): Promise<boolean>;
}

let started = 0;

/** Counts child processes from now on: whatever they started is not seen in any other way. */
export function countChildProcesses(): void {
  const module = childProcess as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const name of STARTERS) {
    const start = module[name];
    if (!start) continue;
    module[name] = Object.assign(function (this: unknown, ...args: unknown[]) {
      started += 1;
      return start.apply(this, args);
    }, start);
  }
  syncBuiltinESMExports();
}

export function watchLeftovers(): Leftovers {
  const before = lasting();
  const startedBefore = started;
  return {
    async found() {
      if (started !== startedBefore) return true;
      await setImmediate();
      const after = lasting();
      return [...after].some(([type, count]) => count > (before.get(type) ?? 0));
    },
  };
}

function lasting(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const type of process.getActiveResourcesInfo()) {
    if (LASTING.test(type)) counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return counts;
}
