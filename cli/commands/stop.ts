import { setTimeout as wait } from 'node:timers/promises';
import { Command } from 'commander';
import { endLeftovers } from '../../local/end-leftovers.ts';
import { signalProcess } from '../../local/process.ts';
import { isAlive, readStack, removeStack, type Stack } from '../../local/stack-file.ts';
import type { Surroundings } from '../surroundings.ts';

const GRACE_MS = 60_000;

const HELP = `
Runs at work go on with the next "highwater dev". To end what one command started: highwater cancel RUN.

Examples:
  $ highwater stop
  $ highwater stop --project ~/pipelines/sales --json`;

export function stopCommand(surroundings: () => Surroundings): Command {
  return new Command('stop')
    .description('end the stack of this project; its data stay')
    .option('--json', 'print {stopped, home}; stopped is false when nothing ran')
    .addHelpText('after', HELP)
    .action(async ({ json }: { readonly json?: true }) => {
      const { home } = surroundings().config;
      const stack = await readStack(home);
      if (stack) await end(stack, home);
      const said = stack ? 'Stopped' : `Nothing runs in ${home}`;
      const told = { stopped: stack !== undefined, home };
      process.stdout.write(`${json ? JSON.stringify(told, null, 2) : said}\n`);
    });
}

async function end({ supervisor }: Stack, home: string): Promise<void> {
  const deadline = Date.now() + GRACE_MS;
  if (await isAlive(supervisor)) signalProcess(supervisor.pid, 'SIGTERM');
  while ((await isAlive(supervisor)) && Date.now() < deadline) await wait(50);
  const left = await readStack(home);
  if (!left) return;
  await endLeftovers(left);
  await removeStack(home);
}
