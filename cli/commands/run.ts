import { randomUUID } from 'node:crypto';
import { Command } from 'commander';
import pc from 'picocolors';
import { Pipeline } from '../../api/contract/pipeline.ts';
import { Run } from '../../api/contract/run.ts';
import type { ApiClient, Connect } from '../api-client.ts';
import { currentUser } from '../current-user.ts';
import { followRun } from '../follow-run.ts';
import { leavable } from '../leavable.ts';
import { collect, parseParams } from '../param-options.ts';
import { lineProgress, tableProgress, type ShowProgress } from '../run-progress.ts';
import { toRunJson } from '../run-json.ts';
import { errorLines } from '../run-errors.ts';

interface RunOptions {
  readonly param?: readonly string[];
  readonly fullLoad?: true;
  readonly priority?: string;
  readonly detach?: true;
  readonly json?: true;
  readonly idempotencyKey?: string;
}

const HELP = `
--json prints {id, pipeline, state, started_at, finished_at, watermark, next_watermark, watermark_kept?,
  blocks: [{name, state, rows, attempts, duration_ms, error?: {code, message}}]}.
Exit codes: 0 it succeeded or was skipped (or was asked for, with --detach); 1 it did not, or the command is wrong;
  2 Highwater failed; 130 Ctrl-C: the run goes on.

Examples:
  $ highwater run daily_sales -p until=2026-03-10
  $ highwater run daily_sales --full-load --json`;

export function runCommand(connect: Connect): Command {
  return new Command('run')
    .description('run a pipeline and wait for its end; the exit code is 0 when it succeeded')
    .argument('<pipeline>')
    .option('-p, --param <name=value>', 'set a param (again for each)', collect)
    .option('--full-load', 'start over, without the watermark')
    .option('--priority <1-5>', 'among runs and blocks that wait: 1 goes first, 5 last, 3 is usual')
    .option('--detach', 'do not wait for the end')
    .option('--json', 'print the ended run as JSON')
    .option('--idempotency-key <key>', 'the same key again answers the same run')
    .addHelpText('after', HELP)
    .action(async (pipeline: string, options: RunOptions) => {
      const client = await connect();
      const run = await askForRun(client, pipeline, options);
      if (options.detach) printDetached(run, options);
      else await waitForEnd(client, run, options);
    });
}

async function askForRun(client: ApiClient, name: string, options: RunOptions): Promise<Run> {
  const path = `/api/pipelines/${encodeURIComponent(name)}`;
  const { params: specs } = await client.get(path, Pipeline);
  return client.post(`${path}/runs`, Run, {
    body: {
      params: parseParams(options.param ?? [], specs),
      full_load: options.fullLoad ?? false,
      actor: currentUser(),
      ...(options.priority !== undefined && { priority: Number(options.priority) }),
    },
    headers: { 'idempotency-key': options.idempotencyKey ?? randomUUID() },
  });
}

function printDetached(run: Run, { json }: RunOptions): void {
  if (json) printJson(toRunJson(run));
  else
    process.stdout.write(
      `Run ${run.id} of ${run.pipeline} is ${run.state}: highwater show ${run.id}\n`,
    );
}

async function waitForEnd(client: ApiClient, asked: Run, { json }: RunOptions): Promise<void> {
  const goesOn = `Run ${asked.id} goes on without you. Stop it: highwater cancel ${asked.id}`;
  const run = await leavable(goesOn, () => followRun(client, asked, json ? notes() : progress()));

  if (json) printJson(toRunJson(run));
  else printEnd(run);
  if (run.state !== 'succeeded' && run.state !== 'skipped') process.exitCode = 1;
}

function progress(): ShowProgress {
  const out = process.stdout;
  return out.isTTY ? tableProgress(out) : lineProgress((line) => void out.write(`${line}\n`));
}

/** With --json the output is for a program; a person may still read why nothing happens. */
function notes(): ShowProgress {
  const show = lineProgress((line) => void process.stderr.write(`${line}\n`));
  return (tree) => {
    if (tree.note !== undefined) show(tree);
  };
}

function printEnd(run: Run): void {
  const lines = [...(run.reason ? [run.reason.message] : []), ...errorLines(run)];
  if (run.links.temporal_ui !== null) lines.push(pc.dim(`Temporal: ${run.links.temporal_ui}`));
  if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`);
}

function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
