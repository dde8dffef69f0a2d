import { setTimeout as wait } from 'node:timers/promises';
import { Command } from 'commander';
import { endLeftovers } from '../../local/end-leftovers.ts';
import { signalProcess } from '../../local/process.ts';
import { isAlive, readStack, removeStack } from '../../local/stack-file.ts';
import type { Surroundings } from '../surroundings.ts';

const GRACE_MS = 60_000;

export function stopCommand(surroundings: () => Surroundings): Command {
  return new Command('stop')
    .description('end the stack of this project; its data stay')
    .action(async () => {
      const { home } = surroundings().config;
      const stack = await readStack(home);
      if (!stack) {
        process.stdout.write(`Nothing runs in ${home}\n`);
        return;
      }
      const deadline = Date.now() + GRACE_MS;
      if (await isAlive(stack.supervisor)) signalProcess(stack.supervisor.pid, 'SIGTERM');
      while ((await isAlive(stack.supervisor)) && Date.now() < deadline) await wait(50);
      const left = await readStack(home);
      if (left) {
        await endLeftovers(left);
        await removeStack(home);
      }
      process.stdout.write('Stopped\n');
    });
}
