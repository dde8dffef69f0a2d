import { execFile, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A process of the stack. `exited` is kept with how it ended, in words; it never rejects. */
export interface Running {
  readonly pid: number;
  readonly exited: Promise<string>;
  stop: () => Promise<void>;
}

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Record<string, string | undefined>;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** Each line the process writes, to either stream. */
  readonly log: (line: string) => void;
  /** Opens a channel whose end tells the child that we are gone. */
  readonly ipc?: boolean;
  /** Stops it when aborted. */
  readonly signal?: AbortSignal;
  readonly stopSignal?: NodeJS.Signals;
  /** How long a stop waits before it kills. */
  readonly graceMs?: number;
}

/** Starts a process in a group of its own, so that a Ctrl-C in the terminal reaches only the stack's supervisor. */
export async function launch(task: Launch): Promise<Running> {
  const { command, args, env, cwd = '/', log, ipc = false } = task;
  const child = spawn(command, args, {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', ...(ipc ? (['ipc'] as const) : [])],
    ...(task.uid !== undefined && { uid: task.uid }),
    ...(task.gid !== undefined && { gid: task.gid }),
  });
  let isGone = false;
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      isGone = true;
      resolve(signal ? `killed by ${signal}` : `exit code ${code ?? 'unknown'}`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  child.on('error', () => undefined); // a failed kill or send; `exited` says how it really ended
  for (const stream of child.stdio.slice(1, 3) as Readable[]) {
    createInterface({ input: stream }).on('line', log);
  }
  const pid = child.pid ?? -1;
  const stop = async () => {
    if (isGone) return;
    signalProcess(pid, task.stopSignal ?? 'SIGTERM');
    const timer = new AbortController();
    const killed = wait(task.graceMs ?? 10_000, undefined, { signal: timer.signal })
      .then(() => signalProcess(-pid, 'SIGKILL'))
      .catch(() => undefined);
    await exited;
    timer.abort();
    await killed;
  };
  if (task.signal?.aborted) await stop();
  task.signal?.addEventListener('abort', () => void stop(), { once: true });
  return { pid, exited, stop };
}

/** Whether there was a process to signal; a negative id means the whole group. */
export function signalProcess(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** What tells a process from a later one with the same id: when it started. Undefined: it is gone. */
export async function identify(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return ask('ps', ['-o', 'lstart=', '-p', String(pid)]);
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // the name, in brackets, may hold spaces; state is the first field after it
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields && !['Z', 'X'].includes(fields[0] ?? '') ? fields[19] : undefined;
}

/** The command line of a process, where it can be read. */
export async function commandOf(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return ask('ps', ['-o', 'command=', '-p', String(pid)]);
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return line.replaceAll('\0', ' ').trim() || undefined;
}

/** Ends a process that is not our child; `identity` guards against an id that was given to another. */
export async function endProcess(
  pid: number,
  identity: string,
  signal: NodeJS.Signals = 'SIGTERM',
  graceMs = 10_000,
): Promise<void> {
  const isSame = async () => (await identify(pid)) === identity;
  if (!(await isSame())) return;
  signalProcess(pid, signal);
  const deadline = Date.now() + graceMs;
  while (await isSame()) {
    if (Date.now() > deadline) signalProcess(-pid, 'SIGKILL');
    await wait(50);
  }
}

async function ask(command: string, args: string[]): Promise<string | undefined> {
  const { stdout } = await promisify(execFile)(command, args).catch(() => ({ stdout: '' }));
  return stdout.trim() || undefined;
}
