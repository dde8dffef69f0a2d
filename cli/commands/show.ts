import { Command } from 'commander';
import pc from 'picocolors';
import { Run } from '../../api/contract/run.ts';
import type { Connect } from '../api-client.ts';
import { loadTree } from '../follow-run.ts';
import { errorLines } from '../run-errors.ts';
import { drawRun } from '../run-table.ts';
import { stateText, watermarkText } from '../run-text.ts';

const HELP = `
Examples:
  $ highwater show 12                             each block, its attempts and its error
  $ highwater show 12 --json | jq .error`;

export function showCommand(connect: Connect): Command {
  return new Command('show')
    .description('show a run, its blocks and their attempts')
    .argument('<run>', 'its number, as "highwater runs" lists it')
    .option('--json', 'print what GET /api/runs/ID answers: Run in /openapi.json')
    .addHelpText('after', HELP)
    .action(async (id: string, { json }: { json?: true }) => {
      const client = await connect();
      const run = await client.get(`/api/runs/${encodeURIComponent(id)}`, Run);
      if (json) {
        process.stdout.write(`${JSON.stringify(run, null, 2)}\n`);
        return;
      }
      const tree = await loadTree(client, run);
      const lines = [...drawRun(tree, ENDLESS), ...facts(run), ...errorLines(run)];
      process.stdout.write(`${lines.join('\n')}\n`);
    });
}

const NORMAL_PRIORITY = 3;
const ENDLESS = { width: Infinity, height: Infinity };

function facts(run: Run): string[] {
  const params = Object.entries(run.params).map(
    ([name, value]) => `${name}=${JSON.stringify(value)}`,
  );
  const odd = Object.entries(run.flags).flatMap(([metric, isOdd]) => (isOdd ? [metric] : []));
  const parts = [
    run.reason === null || run.state === 'running'
      ? ''
      : `${stateText(run.state)}: ${run.reason.message}`,
    run.requested_by === null ? '' : `asked for by ${run.requested_by}`,
    run.priority === NORMAL_PRIORITY ? '' : `priority ${run.priority}`,
    run.full_load ? 'full load' : '',
    params.join(' '),
    watermarkText(run),
    odd.length === 0 ? '' : `out of range: ${odd.join(', ')}`,
    run.links.temporal_ui === null ? '' : `Temporal: ${run.links.temporal_ui}`,
  ];
  return parts.filter((part) => part !== '').map((part) => pc.dim(part));
}
