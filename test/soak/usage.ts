import { readFile, readdir } from 'node:fs/promises';
import type { SoakStack } from './soak-stack.ts';

export interface Usage {
  readonly rssMib: number;
  readonly files: number;
}

/** Memory and open files of the supervisor, the API and the worker. */
export async function measure(stack: SoakStack): Promise<Record<string, Usage>> {
  const entries = Object.entries(await stack.pids()).map(async ([name, pid]) => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const kib = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
    const files = (await readdir(`/proc/${pid}/fd`)).length;
    return [name, { rssMib: Math.round(kib / 1024), files }] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
