import { setTimeout as wait } from 'node:timers/promises';
import { hostsOf } from '../support/leftovers.ts';
import type { SoakStack } from './soak-stack.ts';

const BETWEEN_MS = { least: 3_000, more: 9_000 };

export type Kills = Record<'host' | 'worker' | 'api', number>;

/**
 * Kills a host, the worker or the API every few seconds. Once `calm` is aborted it kills hosts only, so
 * that the last worker and the last API live long enough to show a leak.
 */
export async function makeTrouble(
  stack: SoakStack,
  calm: AbortSignal,
  until: AbortSignal,
): Promise<Kills> {
  const kills: Kills = { host: 0, worker: 0, api: 0 };
  for (;;) {
    const pause = BETWEEN_MS.least + Math.random() * BETWEEN_MS.more;
    await wait(pause, undefined, { signal: until }).catch(() => undefined);
    if (until.aborted) return kills;
    const dice = calm.aborted ? 0 : Math.random();
    const kind = dice < 0.5 ? 'host' : dice < 0.8 ? 'worker' : 'api';
    if (kill(await victim(stack, kind))) kills[kind] += 1;
  }
}

async function victim(stack: SoakStack, kind: keyof Kills): Promise<number> {
  const pids = await stack.pids();
  if (kind !== 'host') return pids[kind];
  const hosts = await hostsOf(stack.home, pids.worker);
  return hosts[Math.floor(Math.random() * hosts.length)] ?? 0;
}

function kill(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 'SIGKILL');
  } catch {
    return false; // it ended by itself meanwhile
  }
}
