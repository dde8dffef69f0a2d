import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { identify } from './process.ts';

export type ComponentState = 'starting' | 'running' | 'restarting' | 'stopped';

/** A process, told from a later one with the same id. */
export interface ProcessMark {
  readonly pid: number;
  readonly identity: string;
}

export interface ComponentEntry {
  readonly name: string;
  readonly state: ComponentState;
  /** Missing while there is no process. */
  readonly process?: ProcessMark;
}

/** What is written down of a local stack, for everyone who wants to find it. */
export interface Stack {
  readonly state: 'starting' | 'ready' | 'stopping';
  readonly supervisor: ProcessMark;
  /** Addresses are empty until they are known. */
  readonly api: string;
  readonly temporal: string;
  readonly temporalUi: string;
  readonly databaseUrl: string;
  readonly components: readonly ComponentEntry[];
}

const fileIn = (home: string) => join(home, 'stack.json');

/** The stack of this home, whether or not it still runs; undefined: none, or it was stopped. */
export async function readStack(home: string): Promise<Stack | undefined> {
  const text = await readFile(fileIn(home), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Stack);
}

/** Readers see the old one or the new one, never a part. It holds a password: for its owner only. */
export async function writeStack(home: string, stack: Stack): Promise<void> {
  await mkdir(home, { recursive: true });
  const draft = `${fileIn(home)}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(stack, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, fileIn(home));
}

export async function removeStack(home: string): Promise<void> {
  await rm(fileIn(home), { force: true });
}

export async function isAlive({ pid, identity }: ProcessMark): Promise<boolean> {
  return (await identify(pid)) === identity;
}

export async function markOf(pid: number): Promise<ProcessMark> {
  return { pid, identity: (await identify(pid)) ?? '' };
}
