import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { claimHome } from '../../local/claim-home.ts';
import { shortLine } from '../../local/short-line.ts';
import { isAlive, readStack, type Stack } from '../../local/stack-file.ts';
import { PROJECT_FILE } from '../../project/find-project.ts';
import type { Config } from '../../runtime/config.ts';
import { Fault } from '../../runtime/fault.ts';
import { createLog } from '../../runtime/log.ts';
import { packageRoot } from '../../runtime/paths.ts';
import { followStart } from '../follow-start.ts';
import type { Surroundings } from '../surroundings.ts';

interface DevOptions {
  readonly detach?: true;
  readonly quiet?: true;
}

export function devCommand(surroundings: () => Surroundings): Command {
  return new Command('dev')
    .description('start Postgres, Temporal, the API and a worker here, and keep them running')
    .option('--detach', 'return when everything is ready; end it with "highwater stop"')
    .option('--quiet', 'say only what starts and ends; the logs are in <home>/logs')
    .addHelpText('after', HELP)
    .action(async ({ detach, quiet }: DevOptions) => {
      const { config, env } = surroundings();
      if (!existsSync(join(config.project, PROJECT_FILE))) throw noProject(config);
      if (detach) await startDetached(config, env);
      else await runHere(config, env, quiet ?? false);
    });
}

const HELP = `
Addresses (0 takes any free port):
  HIGHWATER_PORT              API and console, 6789
  HIGHWATER_TEMPORAL_PORT     Temporal, 7233; HIGHWATER_TEMPORAL_UI_PORT its Web UI, 8233
  HIGHWATER_POSTGRES_PORT     Postgres, 6543
Servers of your own: DATABASE_URL, TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE.
State is kept in HIGHWATER_HOME (<project>/.highwater): stacks with homes of their own run side by side.

Examples:
  $ highwater dev
  $ HIGHWATER_PORT=0 highwater dev --detach`;

function noProject({ project }: Config): Fault {
  return new Fault(
    'project.not_found',
    `${project} holds no ${PROJECT_FILE}. Make a project with "highwater init DIR", or name one with --project.`,
  );
}

async function runHere(config: Config, env: Surroundings['env'], quiet: boolean): Promise<void> {
  const claim = await claimHome(config.home);
  if ('holder' in claim) {
    printRunning(claim.holder);
    return;
  }
  const { startStack } = await import('../../local/stack.ts'); // slow to load: for this command alone
  const began = Date.now();
  const say = (line: string) => {
    print(`${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s  ${line}`);
  };
  const stack = startStack({
    config,
    env,
    record: claim.record,
    log: createLog('dev', config.logLevel),
    say,
    watch: (name, line) => {
      if (!quiet) print(shortLine(name, line));
    },
  });
  const asked = new Promise<'asked'>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        resolve('asked');
      });
    }
  });
  try {
    const first = await Promise.race([stack.started, asked]);
    if (first !== 'asked') {
      if (!quiet) {
        printAddresses(first);
        print('Stop with Ctrl-C, or "highwater stop" from elsewhere');
      }
      await asked;
    }
    print('Stopping');
  } finally {
    await stack.stop();
  }
}

async function startDetached(config: Config, env: Surroundings['env']): Promise<void> {
  const file = join(config.home, 'logs', 'dev.log');
  mkdirSync(join(config.home, 'logs'), { recursive: true });
  const running = await readStack(config.home);
  if (running && (await isAlive(running.supervisor))) {
    printRunning(running);
    return;
  }
  const log = openSync(file, 'w');
  const bin = join(packageRoot, 'bin', 'highwater.js');
  const child = spawn(process.execPath, [bin, 'dev', '--quiet', '--project', config.project], {
    detached: true,
    env,
    stdio: ['ignore', log, log],
  });
  const giveUp = () => {
    child.kill('SIGTERM');
  };
  process.once('SIGINT', giveUp);
  printAddresses(await followStart(child, config.home, file));
  process.off('SIGINT', giveUp);
  child.unref();
}

function printRunning(stack: Stack): void {
  print(`Already running here (process ${stack.supervisor.pid})`);
  printAddresses(stack);
}

export function printAddresses({ api, temporal, temporalUi }: Stack): void {
  print('');
  if (api) print(`  API               ${api}`);
  if (temporalUi) print(`  Temporal Web UI   ${temporalUi}`);
  if (temporal) print(`  Temporal          ${temporal}`);
  print('');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
