import { Command } from 'commander';
import { isAlive, readStack, type ComponentEntry, type Stack } from '../../local/stack-file.ts';
import { printAddresses } from './dev.ts';
import type { Surroundings } from '../surroundings.ts';

const HELP = `
Examples:
  $ highwater status
  $ highwater status --json | jq -r .api
  $ highwater status > /dev/null || highwater dev --detach`;

interface Status {
  readonly api: string | null;
  readonly temporal: string | null;
  readonly temporal_ui: string | null;
  readonly database_url: string | null;
  readonly components: readonly { name: string; pid: number | null; state: string }[];
}

export function statusCommand(surroundings: () => Surroundings): Command {
  return new Command('status')
    .description('show what runs here and where; the exit code is 0 when all of it does')
    .option(
      '--json',
      'print {api, temporal, temporal_ui, database_url, components: [{name, pid, state}]}',
    )
    .addHelpText('after', HELP)
    .action(async ({ json }: { readonly json?: true }) => {
      const { home } = surroundings().config;
      const stack = await readStack(home);
      const status = await statusOf(stack);
      if (json) process.stdout.write(`${JSON.stringify(status, null, 2)}\n`);
      else printStatus(status, stack, home);
      const { components } = status;
      const isWell = components.length > 0 && components.every(({ state }) => state === 'running');
      if (!isWell) process.exitCode = 1;
    });
}

async function statusOf(stack: Stack | undefined): Promise<Status> {
  const known = (address: string | undefined) => (address === '' ? null : (address ?? null));
  const supervisor: ComponentEntry[] = stack
    ? [{ name: 'supervisor', state: 'running', process: stack.supervisor }]
    : [];
  return {
    api: known(stack?.api),
    temporal: known(stack?.temporal),
    temporal_ui: known(stack?.temporalUi),
    database_url: known(stack?.databaseUrl),
    components: await Promise.all(
      [...supervisor, ...(stack?.components ?? [])].map(async ({ name, state, process }) => {
        const isThere = process !== undefined && (await isAlive(process));
        return { name, pid: isThere ? process.pid : null, state: stateOf(state, isThere) };
      }),
    ),
  };
}

/** A process that is gone cannot be running, whatever was written down last. */
function stateOf(state: ComponentEntry['state'], isThere: boolean): string {
  return isThere || state === 'restarting' ? state : 'stopped';
}

function printStatus({ components }: Status, stack: Stack | undefined, home: string): void {
  if (!stack) {
    process.stdout.write(`Nothing runs in ${home}: start it with "highwater dev"\n`);
    return;
  }
  for (const { name, pid, state } of components) {
    process.stdout.write(`${name.padEnd(12)} ${state.padEnd(12)} ${pid ?? ''}\n`);
  }
  printAddresses(stack);
}
