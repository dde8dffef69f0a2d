import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { isAlive, readStack, type Stack } from '../local/stack-file.ts';
import { Fault } from '../runtime/fault.ts';

const POLL_MS = 100;

/** Shows what a detached supervisor says until its stack is ready, or fails with it. */
export async function followStart(child: ChildProcess, home: string, log: string): Promise<Stack> {
  let ended: string | undefined;
  child.once('exit', (code, signal) => (ended = signal ?? `exit code ${code ?? 'unknown'}`));
  let shown = 0;
  const showMore = async () => {
    const text = await readFile(log, 'utf8').catch(() => '');
    process.stdout.write(text.slice(shown));
    shown = text.length;
  };
  for (;;) {
    const stack = await readStack(home);
    await showMore();
    if (stack?.state === 'ready' && (await isAlive(stack.supervisor))) return stack;
    if (ended !== undefined) throw new Fault('stack.failed', `The stack did not start: ${ended}`);
    await wait(POLL_MS);
  }
}
