import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import pc from 'picocolors';
import { Run } from '../api/contract/run.ts';
import { createApiClient } from '../cli/api-client.ts';
import { errorLines } from '../cli/run-errors.ts';
import { followRun } from '../cli/follow-run.ts';
import { lineProgress, tableProgress } from '../cli/run-progress.ts';
import { claimPort } from '../local/port.ts';
import { readStack } from '../local/stack-file.ts';
import { messageOf } from '../runtime/fault.ts';
import { packageRoot } from '../runtime/paths.ts';
import { printPublished } from './demo-table.ts';

const PROJECT = join(packageRoot, 'examples', 'flights');
const PIPELINE = 'airport_delays';
const HOME = join(PROJECT, '.highwater', 'demo');
const PORTS = {
  HIGHWATER_PORT: 6789,
  HIGHWATER_POSTGRES_PORT: 6543,
  HIGHWATER_TEMPORAL_PORT: 7233,
  HIGHWATER_TEMPORAL_UI_PORT: 8233,
};
const out = process.stdout;
const keep = process.argv.includes('--keep');

const env: NodeJS.ProcessEnv = {
  ...(await freePorts()),
  ...process.env,
  HIGHWATER_HOME: HOME,
  HIGHWATER_PROJECT: PROJECT,
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    highwater(['stop']);
    process.exit(130);
  });
}

try {
  say(
    'Starting Postgres, Temporal, the API and a worker, all on this machine',
    'highwater dev --detach',
  );
  if (highwater(['dev', '--detach']) !== 0) throw new Error('The stack did not start');
  await showRun();
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
} finally {
  if (keep) keepRunning();
  else highwater(['stop']);
}

async function showRun(): Promise<void> {
  const stack = await readStack(HOME);
  if (!stack) throw new Error('The stack is gone');
  const client = createApiClient(stack.api);
  say('Running a pipeline over three million flights', `highwater run ${PIPELINE} --full-load`);
  const asked = await client.post(`/api/pipelines/${PIPELINE}/runs`, Run, {
    body: { full_load: true },
  });
  const progress = out.isTTY
    ? tableProgress(out)
    : lineProgress((line) => void out.write(`${line}\n`));
  const run = await followRun(client, asked, progress);
  if (run.state !== 'succeeded') {
    out.write(`${errorLines(run).join('\n')}\n`);
    throw new Error(`Run ${run.id} ${run.state}`);
  }
  const warehouse = new URL(env['WAREHOUSE_URL'] ?? stack.databaseUrl);
  if (env['WAREHOUSE_URL'] === undefined) warehouse.pathname = 'warehouse';
  say('What it published: the airports whose flights leave latest');
  await printPublished(warehouse.href, out);
  out.write(`\n  Run in Temporal's Web UI   ${run.links.temporal_ui ?? stack.temporalUi}\n`);
  out.write(`  API                        ${stack.api}/api/runs/${run.id}\n\n`);
}

function keepRunning(): void {
  out.write(`It keeps running. Ask it more, and end it, with\n
  export HIGHWATER_HOME=${HOME}
  bin/highwater.js show 1
  bin/highwater.js stop\n\n`);
}

function highwater(args: string[]): number {
  const bin = join(packageRoot, 'bin', 'highwater.js');
  return spawnSync(process.execPath, [bin, ...args], { env, stdio: 'inherit' }).status ?? 1;
}

function say(line: string, command?: string): void {
  out.write(`\n${pc.bold(line)}\n${command === undefined ? '' : pc.dim(`$ ${command}\n`)}`);
}

/** The usual ports, and free ones in the place of those that are taken. */
async function freePorts(): Promise<Record<string, string>> {
  const ports: Record<string, string> = {};
  for (const [variable, port] of Object.entries(PORTS)) {
    const isFree = await claimPort(port, 'the demo', variable).then(
      () => true,
      () => false,
    );
    ports[variable] = isFree ? String(port) : '0';
  }
  return ports;
}
