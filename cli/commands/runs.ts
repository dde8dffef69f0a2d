import { Command } from 'commander';
import pc from 'picocolors';
import { RunPage, type RunSummary } from '../../api/contract/run.ts';
import { RUN_STATES } from '../../plan/run-state.ts';
import type { Connect } from '../api-client.ts';
import { inColumns } from '../columns.ts';
import { STATE_MARKS, runSpan, spanText, stateText } from '../run-text.ts';

interface RunsOptions {
  readonly pipeline?: string;
  readonly state?: string;
  readonly backfill?: string;
  readonly limit: string;
  readonly json?: true;
}

const HELP = `
--json prints [RunSummary]: see /openapi.json.
States: ${RUN_STATES.join(', ')}.

Examples:
  $ highwater runs --state failed,timed_out
  $ highwater runs --pipeline daily_sales --limit 1 --json`;

export function runsCommand(connect: Connect): Command {
  return new Command('runs')
    .description('list runs, the newest first')
    .option('--pipeline <name>', 'only of this pipeline')
    .option('--state <state>', 'only in this state, or in several with commas between')
    .option('--backfill <id>', 'only of this backfill')
    .option('--limit <count>', 'how many', '20')
    .option('--json', 'print them as JSON')
    .addHelpText('after', HELP)
    .action(async (options: RunsOptions) => {
      const client = await connect();
      const { runs } = await client.get(`/api/runs?${queryOf(options).toString()}`, RunPage);
      process.stdout.write(options.json ? `${JSON.stringify(runs, null, 2)}\n` : toTable(runs));
    });
}

function queryOf({ pipeline, state, backfill, limit }: RunsOptions): URLSearchParams {
  return new URLSearchParams({
    limit,
    ...(pipeline !== undefined && { pipeline }),
    ...(state !== undefined && { state }),
    ...(backfill !== undefined && { backfill }),
  });
}

function toTable(runs: readonly RunSummary[]): string {
  if (runs.length === 0) return 'No runs.\n';
  const head = ['RUN', 'PIPELINE', 'STATE', 'REQUESTED', 'TOOK', 'BY', ''].map((title) =>
    pc.dim(title),
  );
  return `${inColumns([head, ...runs.map(toCells)]).join('\n')}\n`;
}

function toCells(run: RunSummary): string[] {
  const span = runSpan(run);
  return [
    String(run.id),
    run.pipeline,
    `${STATE_MARKS[run.state]} ${stateText(run.state)}`,
    localTime(run.requested_at),
    span === null ? '' : spanText(span),
    run.parent ? `run ${run.parent.id}` : run.trigger,
    pc.dim(run.reason?.message ?? ''),
  ];
}

/** `2026-01-31 12:00:00` in the time zone of the reader. */
function localTime(time: string): string {
  return new Date(time).toLocaleString('sv-SE');
}
