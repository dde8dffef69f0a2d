import { Command } from 'commander';
import pc from 'picocolors';
import { Diagnostics, type Finding } from '../../api/contract/diagnostics.ts';
import type { Connect } from '../api-client.ts';
import { inColumns } from '../columns.ts';
import { USERS_FAULT } from '../exit-code.ts';

const HELP = `
The exit code is 0 when nothing is an error. --json prints what GET /api/diagnostics answers: Diagnostics in /openapi.json.

Examples:
  $ highwater doctor
  $ highwater doctor --json | jq .workers`;

export function doctorCommand(connect: Connect): Command {
  return new Command('doctor')
    .description('look at connections, tables, locks, queues and workers, and say what is wrong')
    .option('--json', 'print everything as JSON')
    .addHelpText('after', HELP)
    .action(async ({ json }: { readonly json?: true }) => {
      const client = await connect();
      const diagnostics = await client.get('/api/diagnostics', Diagnostics);
      process.stdout.write(
        json ? `${JSON.stringify(diagnostics, null, 2)}\n` : toText(diagnostics),
      );
      if (!diagnostics.healthy) process.exitCode = USERS_FAULT;
    });
}

function toText(diagnostics: Diagnostics): string {
  const { findings } = diagnostics;
  const said = findings.length === 0 ? [pc.green('Nothing is wrong.')] : findings.map(lineOf);
  return `${[...inColumns(summary(diagnostics)), '', ...said].join('\n')}\n`;
}

function lineOf({ part, level, message }: Finding): string {
  const paint = level === 'error' ? pc.red : pc.yellow;
  return `${paint(level.padEnd(7))} ${part}: ${message}`;
}

function summary({ connections, schema, locks, queues, workers }: Diagnostics): string[][] {
  const waiting = Object.values(queues).reduce((sum, { pending }) => sum + pending, 0);
  const pollers = new Set(
    workers.queues.flatMap((queue) => queue.pollers.map(({ identity }) => identity)),
  );
  const { next_at } = workers.maintenance;
  return [
    ['Postgres', `${connections.version}, ${connections.latency_ms.median} ms away`],
    ['connections', `${connections.used} of ${connections.max_connections}`],
    ['database', `${mebibytes(schema.bytes)} MiB, ${schema.tables.length} tables`],
    ['locks', `${locks.waiting.length} wait, ${locks.long_queries.length} take long`],
    ['queues', `${waiting} rows wait`],
    ['workers', `${pollers.size} on ${workers.task_queue}`],
    ['clean-up', next_at === null ? 'not scheduled' : `next at ${next_at}`],
  ];
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 1024 / 1024);
}
