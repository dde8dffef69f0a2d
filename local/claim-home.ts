import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { endLeftovers } from './end-leftovers.ts';
import { withLock } from './lock.ts';
import { isAlive, readStack, type Stack } from './stack-file.ts';
import { openStackRecord, type StackRecord } from './stack-record.ts';

/** Makes this process the supervisor of a home; what a killed one left behind is ended first. */
export async function claimHome(
  home: string,
): Promise<{ readonly record: StackRecord } | { readonly holder: Stack }> {
  await mkdir(home, { recursive: true });
  return withLock(join(home, 'stack.lock'), async () => {
    const stack = await readStack(home);
    if (stack && (await isAlive(stack.supervisor))) return { holder: stack };
    if (stack) await endLeftovers(stack);
    return { record: await openStackRecord(home) };
  });
}
