import { Command } from 'commander';
import { FreshnessBoard, TimelinessBoard } from '../../api/contract/standing.ts';
import type { Connect } from '../api-client.ts';
import { countsText, standingLines } from '../standing-text.ts';

interface BoardOptions {
  readonly state?: string;
  readonly pipeline?: string;
  readonly tag?: string;
  readonly limit: string;
  readonly json?: true;
}

interface Board {
  readonly name: 'freshness' | 'timeliness';
  readonly schema: typeof FreshnessBoard | typeof TimelinessBoard;
  readonly description: string;
  readonly states: string;
  readonly type: string;
}

export function freshnessCommand(connect: Connect): Command {
  return boardCommand(connect, {
    name: 'freshness',
    schema: FreshnessBoard,
    description: 'show whose data are new, the late ones first',
    states: 'late, waiting, fresh, off',
    type: 'FreshnessBoard',
  });
}

export function timelinessCommand(connect: Connect): Command {
  return boardCommand(connect, {
    name: 'timeliness',
    schema: TimelinessBoard,
    description: 'show whose runs end in time, the late ones first',
    states: 'late, waiting, on_time, off',
    type: 'TimelinessBoard',
  });
}

function boardCommand(connect: Connect, board: Board): Command {
  const { name, schema, description, states, type } = board;
  const help = `
States: ${states}; all but off when left out.
--json prints what GET /api/${name} answers: ${type} in /openapi.json.

Examples:
  $ highwater ${name} --state late
  $ highwater ${name} --tag sales --json`;
  return new Command(name)
    .description(description)
    .option('--state <state>', 'only in this state, or in several with commas between')
    .option('--pipeline <name>', 'only this pipeline')
    .option('--tag <tag>', 'only with this tag')
    .option('--limit <count>', 'how many', '200')
    .option('--json', 'print them as JSON')
    .addHelpText('after', help)
    .action(async ({ json, ...query }: BoardOptions) => {
      const client = await connect();
      const path = `/api/${name}?${new URLSearchParams({ ...query }).toString()}`;
      const found = await client.get(path, schema);
      process.stdout.write(json ? `${JSON.stringify(found, null, 2)}\n` : toText(found));
    });
}

function toText({ counts, pipelines, cursor }: FreshnessBoard | TimelinessBoard): string {
  if (pipelines.length === 0) return 'No pipelines of which anything is expected.\n';
  const more = cursor === null ? '' : '; not all are shown, see --limit';
  return `${[...standingLines(pipelines), '', `${countsText(counts)}${more}`].join('\n')}\n`;
}
