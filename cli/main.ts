import { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPython } from '../hosts/python/find-python.ts';
import { readStack } from '../local/stack-file.ts';
import { findProject } from '../project/find-project.ts';
import type { OpenProject } from '../project/open-project.ts';
import { readConfig } from '../runtime/config.ts';
import { Fault, messageOf } from '../runtime/fault.ts';
import { packageRoot } from '../runtime/paths.ts';
import { OUR_FAULT, USERS_FAULT } from './exit-code.ts';
import { createApiClient, type Connect } from './api-client.ts';
import { anomaliesCommand } from './commands/anomalies.ts';
import { backfillCommand } from './commands/backfill.ts';
import { backfillsCommand } from './commands/backfills.ts';
import { cancelCommand } from './commands/cancel.ts';
import { cleanCommand } from './commands/clean.ts';
import { deployCommand } from './commands/deploy.ts';
import { devCommand } from './commands/dev.ts';
import { doctorCommand } from './commands/doctor.ts';
import { eventsCommand } from './commands/events.ts';
import { initCommand } from './commands/init.ts';
import { impactCommand, lineageCommand } from './commands/lineage.ts';
import { logsCommand } from './commands/logs.ts';
import { noticesCommand } from './commands/notices.ts';
import { planCommand } from './commands/plan.ts';
import { poolsCommand } from './commands/pools.ts';
import { reportCommand } from './commands/report.ts';
import { runCommand } from './commands/run.ts';
import { runsCommand } from './commands/runs.ts';
import { showCommand } from './commands/show.ts';
import { freshnessCommand, timelinessCommand } from './commands/standings.ts';
import { statusCommand } from './commands/status.ts';
import { stopCommand } from './commands/stop.ts';
import { triggersCommand } from './commands/triggers.ts';
import { validateCommand } from './commands/validate.ts';
import { whyCommand } from './commands/why.ts';
import { watermarkCommand } from './commands/watermark.ts';
import type { Surroundings } from './surroundings.ts';

const env = process.env;

const program = new Command('highwater')
  .description('Data pipelines that do not lose their place.')
  .version(readVersion())
  .showHelpAfterError('(add --help for what is possible)')
  .addHelpText('after', examples());

/** Read when a command needs it, so that a bad environment does not keep `--help` from working. */
const surroundings = (): Surroundings => {
  const named = currentProject ?? env['HIGHWATER_PROJECT'] ?? findProject('.');
  return { env, config: readConfig({ ...env, HIGHWATER_PROJECT: named }) };
};
const openHere: OpenProject = async () => {
  const { openProject } = await import('../project/open-project.ts'); // slow to load: for few commands
  const { project, python } = surroundings().config;
  return openProject(project, { findPython: () => findPython(python) });
};
const connect: Connect = async () => createApiClient(env['HIGHWATER_API'] ?? (await findApi()));

const inProject = [
  validateCommand(openHere),
  planCommand(openHere),
  devCommand(surroundings),
  stopCommand(surroundings),
  statusCommand(surroundings),
  runCommand(connect),
  runsCommand(connect),
  showCommand(connect),
  logsCommand(connect),
  cancelCommand(connect),
  deployCommand(connect),
  triggersCommand(connect),
  backfillCommand(connect),
  backfillsCommand(connect),
  freshnessCommand(connect),
  timelinessCommand(connect),
  whyCommand(connect),
  poolsCommand(connect),
  reportCommand(connect),
  doctorCommand(connect),
  cleanCommand(connect),
  anomaliesCommand(connect),
  noticesCommand(connect),
  watermarkCommand(connect),
  lineageCommand(connect),
  eventsCommand(connect),
  impactCommand(connect),
];
let currentProject: string | undefined;
for (const command of inProject) {
  command
    .option('--project <dir>', 'the project; the nearest folder upward that is one when left out')
    .hook('preAction', (_program, action) => {
      currentProject = action.optsWithGlobals<{ project?: string }>().project;
    });
}
for (const command of [initCommand(), ...inProject]) {
  program.addCommand(command);
}

// A reader such as `head` that has seen enough ends a command like Ctrl-C does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.kill(process.pid, 'SIGINT');
});

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = error instanceof Fault && error.status !== 500 ? USERS_FAULT : OUR_FAULT;
}

async function findApi(): Promise<string> {
  const { home } = surroundings().config;
  const stack = await readStack(home);
  if (stack?.api) return stack.api;
  const message = `No stack runs in ${home}: start it with "highwater dev", or set HIGHWATER_API`;
  throw new Fault('stack.missing', message);
}

function readVersion(): string {
  const text = readFileSync(join(packageRoot, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function examples(): string {
  return `
Examples:
  $ highwater init cafe && cd cafe      make a project
  $ highwater validate                  find what is wrong with its definitions
  $ highwater dev --detach              start everything on this machine
  $ highwater run daily_sales           run a pipeline, and watch
  $ highwater show 1                    what a run did, block by block
  $ highwater logs 1 -f --block orders  what a block logs, while it runs
  $ highwater stop                      end everything; data stay`;
}
