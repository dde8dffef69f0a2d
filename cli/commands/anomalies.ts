import { Command } from 'commander';
import pc from 'picocolors';
import { AnomalyPage, Unflagged, type Anomaly } from '../../api/contract/anomaly.ts';
import type { Connect } from '../api-client.ts';
import { inColumns } from '../columns.ts';

interface AnomaliesOptions {
  readonly metric?: string;
  readonly state?: string;
  readonly since?: string;
  readonly limit: string;
  readonly json?: true;
}

const HELP = `
--json prints [{id, state: open | recovered, pipeline, run, metric, value, range: {min, max}, z_score, z_threshold,
  baseline: {of, method, centre, deviation, runs}, detected_at, recovered_at, recovered_by, links: {run}}].
Metrics: duration_seconds, inserts, updates, soft_deletes, total_rows, throughput.

Examples:
  $ highwater anomalies daily_sales --state open
  $ highwater anomalies --since 2026-03-01T00:00:00Z --json
  $ highwater anomalies unflag 12 total_rows`;

export function anomaliesCommand(connect: Connect): Command {
  return new Command('anomalies')
    .description('list what was out of its range, the newest first')
    .argument('[pipeline]')
    .option('--metric <metric>', 'only of this metric')
    .option('--state <state>', 'only open ones, or only recovered ones')
    .option('--since <time>', 'only what was detected then or later')
    .option('--limit <count>', 'how many', '20')
    .option('--json', 'print them as JSON')
    .addHelpText('after', HELP)
    .action(async (pipeline: string | undefined, options: AnomaliesOptions) => {
      const client = await connect();
      const query = queryOf(pipeline, options).toString();
      const { anomalies } = await client.get(`/api/anomalies?${query}`, AnomalyPage);
      process.stdout.write(
        options.json ? `${JSON.stringify(anomalies, null, 2)}\n` : toTable(anomalies),
      );
    })
    .addCommand(unflagCommand(connect));
}

function unflagCommand(connect: Connect): Command {
  return new Command('unflag')
    .description('take back that metrics of a run are odd: it counts as normal from then on')
    .argument('<run>')
    .argument('<metric...>')
    .option('--json', 'print {run, flags}')
    .action(async (run: string, metrics: string[], _options, command: Command) => {
      const { json } = command.optsWithGlobals<{ readonly json?: true }>();
      const client = await connect();
      const path = `/api/runs/${encodeURIComponent(run)}/unflag`;
      const unflagged = await client.post(path, Unflagged, { body: { metrics } });
      const left = Object.entries(unflagged.flags).filter(([, isOdd]) => isOdd);
      const rest =
        left.length === 0 ? '' : `; still flagged: ${left.map(([name]) => name).join(', ')}`;
      process.stdout.write(
        json
          ? `${JSON.stringify(unflagged, null, 2)}\n`
          : `Run ${unflagged.run} counts as normal again${rest}\n`,
      );
    });
}

function queryOf(pipeline: string | undefined, options: AnomaliesOptions): URLSearchParams {
  const { metric, state, since, limit } = options;
  return new URLSearchParams({
    limit,
    ...(pipeline !== undefined && { pipeline }),
    ...(metric !== undefined && { metric }),
    ...(state !== undefined && { state }),
    ...(since !== undefined && { since }),
  });
}

function toTable(anomalies: readonly Anomaly[]): string {
  if (anomalies.length === 0) return 'No anomalies.\n';
  const titles = ['RUN', 'PIPELINE', 'METRIC', 'VALUE', 'RANGE', 'STATE', 'DETECTED'];
  const head = titles.map((title) => pc.dim(title));
  return `${inColumns([head, ...anomalies.map(toCells)]).join('\n')}\n`;
}

function toCells({ run, pipeline, metric, value, range, state, detected_at }: Anomaly): string[] {
  return [
    String(run),
    pipeline,
    metric,
    numberText(value),
    `${numberText(range.min)} – ${numberText(range.max)}`,
    state === 'open' ? pc.yellow(state) : pc.green(state),
    new Date(detected_at).toLocaleString('sv-SE'),
  ];
}

/** Four digits say enough of a deviation; whole numbers are told whole. */
function numberText(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}
