import { Command } from 'commander';
import pc from 'picocolors';
import { DailyReport, type DailyFigures } from '../../api/contract/daily-report.ts';
import type { Connect } from '../api-client.ts';
import { inColumns } from '../columns.ts';

interface ReportOptions {
  readonly days: string;
  readonly pipeline?: string;
  readonly type?: string;
  readonly limit: string;
  readonly json?: true;
}

const HELP = `
Days are those of UTC. --json prints [{date, pipeline, type, executions, failed, error_percentage, anomalous, inserts,
  updates, soft_deletes, total_rows, duration_seconds, avg_duration_seconds, throughput}].

Examples:
  $ highwater report
  $ highwater report --pipeline daily_sales --days 30`;

export function reportCommand(connect: Connect): Command {
  return new Command('report')
    .description('show what each pipeline did on each day, the newest first, today included')
    .option('--days <count>', 'how many days before today', '7')
    .option('--pipeline <name>', 'only of this pipeline')
    .option('--type <name>', 'only of pipelines of this type')
    .option('--limit <count>', 'how many rows', '100')
    .option('--json', 'print them as JSON')
    .addHelpText('after', HELP)
    .action(async ({ json, days, pipeline, type, limit }: ReportOptions) => {
      const client = await connect();
      const query = new URLSearchParams({
        ...{ days, limit },
        ...(pipeline !== undefined && { pipeline }),
        ...(type !== undefined && { type }),
      });
      const report = await client.get(`/api/reports/daily?${query.toString()}`, DailyReport);
      process.stdout.write(json ? `${JSON.stringify(report.rows, null, 2)}\n` : toText(report));
    });
}

const HEAD = [
  'DATE',
  'PIPELINE',
  'RUNS',
  'FAILED',
  'ODD',
  'ROWS',
  'SECONDS A RUN',
  'ROWS A SECOND',
];

function toText({ rows, total }: DailyReport): string {
  if (rows.length === 0) return 'Nothing ran.\n';
  const lines = inColumns([HEAD.map((title) => pc.dim(title)), ...rows.map(toCells)]);
  const rest = total - rows.length;
  if (rest > 0) lines.push(pc.dim(`and ${rest} more: --limit, --pipeline, --type`));
  return `${lines.join('\n')}\n`;
}

function toCells(row: DailyFigures): string[] {
  const failed = row.failed === 0 ? '0' : pc.red(`${row.failed} (${row.error_percentage} %)`);
  return [
    ...[row.date, row.pipeline, String(row.executions), failed],
    row.anomalous === 0 ? '0' : pc.yellow(String(row.anomalous)),
    ...[row.total_rows, row.avg_duration_seconds, row.throughput].map(String),
  ];
}
