import { Command } from 'commander';
import pc from 'picocolors';
import { LogPage, type LogLine } from '../../api/contract/log.ts';
import type { ApiClient, Connect } from '../api-client.ts';

interface LogsOptions {
  readonly follow?: true;
  readonly block?: string;
  readonly level?: string;
  readonly json?: true;
}

const FOLLOW_WAIT = '20s';

const HELP = `
Examples:
  $ highwater logs 12 -f                          while it runs, until it ends
  $ highwater logs 12 --block orders --level warn
  $ highwater logs 12 --json | jq -r .message`;

export function logsCommand(connect: Connect): Command {
  return new Command('logs')
    .description('print what the blocks of a run said')
    .argument('<run>', 'its number, as "highwater runs" lists it')
    .option('-f, --follow', 'go on until the run has ended')
    .option('--block <name>', 'only of this block')
    .option('--level <level>', 'debug, info, warn or error: this and what is above it')
    .option('--json', 'print each line as {id, block, attempt, level, message, fields, logged_at}')
    .addHelpText('after', HELP)
    .action(async (id: string, options: LogsOptions) => {
      for await (const line of readLines(await connect(), id, options)) {
        process.stdout.write(`${options.json ? JSON.stringify(line) : toText(line)}\n`);
      }
    });
}

async function* readLines(
  client: ApiClient,
  id: string,
  { block, level, follow }: LogsOptions,
): AsyncGenerator<LogLine> {
  const query = new URLSearchParams({
    ...(block !== undefined && { block }),
    ...(level !== undefined && { level }),
    ...(follow && { wait: FOLLOW_WAIT }),
  });
  for (;;) {
    const path = `/api/runs/${encodeURIComponent(id)}/logs?${query.toString()}`;
    const page = await client.get(path, LogPage);
    yield* page.lines;
    const done = follow ? !page.more : page.lines.length === 0;
    if (done) return;
    query.set('after', String(page.after));
  }
}

const LEVELS: Readonly<Record<LogLine['level'], (text: string) => string>> = {
  debug: pc.dim,
  info: pc.green,
  warn: pc.yellow,
  error: pc.red,
};

function toText({ logged_at, level, block, attempt, message, fields }: LogLine): string {
  const place = attempt > 1 ? `${block}#${attempt}` : block;
  const extra = fields === null ? '' : ` ${pc.dim(JSON.stringify(fields))}`;
  return `${pc.dim(logged_at)} ${LEVELS[level](level.padEnd(5))} ${pc.cyan(place)} ${message}${extra}`;
}
