import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { isAlive, readStack, type Stack } from '../local/stack-file.ts';
import { Fault } from '../runtime/fault.ts';
import { USERS_FAULT } from './exit-code.ts';

const POLL_MS = 100;

/** Shows what a detached supervisor says until its stack is ready, or fails with it. */
export async function followStart(child: ChildProcess, home: string, log: string): Promise<Stack> {
  let ended: { readonly how: string; readonly byUser: boolean } | undefined;
  child.once('exit', (code, signal) => {
    ended = { how: signal ?? `exit code ${code ?? 'unknown'}`, byUser: code === USERS_FAULT };
  });
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
    if (ended) {
      const code = ended.byUser ? 'stack.missing' : 'stack.failed';
      throw new Fault(code, `The stack did not start: ${ended.how}`);
    }
    await wait(POLL_MS);
  }
}
