import { Command } from 'commander';
import pc from 'picocolors';
import { Impact, Lineage } from '../../api/contract/lineage.ts';
import type { Connect } from '../api-client.ts';
import { impactLines, lineageLines } from '../lineage-text.ts';

interface LineageOptions {
  readonly upstream?: true;
  readonly downstream?: true;
  readonly depth?: string;
  readonly column?: string;
  readonly json?: true;
}

const ADDRESSES = `
ADDRESS is its id, its name, or the end of its name when no other ends like it.`;

const LINEAGE_HELP = `${ADDRESSES}
--json prints [{address: {id, name}, direction: upstream | downstream, addresses: [{id, name, type, group, depth,
  columns?}], edges: [{source, target, pipelines, columns?: [{pipeline, from, to, except?}]}]}].

Examples:
  $ highwater lineage shop.public.orders
  $ highwater lineage orders --downstream --depth 1
  $ highwater lineage sums --upstream --column total`;

const IMPACT_HELP = `${ADDRESSES}
--json prints {address: {id, name}, addresses: [{id, name, type, group, depth, columns?}],
  pipelines: [{name, type, tags, active, depth, reads, writes}]}.

Examples:
  $ highwater impact shop.public.orders
  $ highwater impact orders --column amount`;

export function lineageCommand(connect: Connect): Command {
  return withOptions(new Command('lineage'))
    .description('show what an address is made from, and what is made from it')
    .option('--upstream', 'only what it is made from')
    .option('--downstream', 'only what is made from it')
    .addHelpText('after', LINEAGE_HELP)
    .action(async (address: string, options: LineageOptions) => {
      const client = await connect();
      const query = queryOf(address, options).toString();
      const answers: Lineage[] = [];
      for (const direction of directionsOf(options)) {
        answers.push(await client.get(`/api/lineage/${direction}?${query}`, Lineage));
      }
      const lines = answers.flatMap((answer) => [...lineageLines(answer), '']);
      const name = answers[0]?.address.name ?? '';
      process.stdout.write(
        options.json
          ? `${JSON.stringify(answers, null, 2)}\n`
          : [pc.bold(name), ...lines].join('\n'),
      );
    });
}

export function impactCommand(connect: Connect): Command {
  return withOptions(new Command('impact'))
    .description('show the pipelines and addresses that a change of an address touches')
    .addHelpText('after', IMPACT_HELP)
    .action(async (address: string, options: LineageOptions) => {
      const client = await connect();
      const query = queryOf(address, options).toString();
      const impact = await client.get(`/api/lineage/impact?${query}`, Impact);
      process.stdout.write(
        options.json
          ? `${JSON.stringify(impact, null, 2)}\n`
          : `${[pc.bold(impact.address.name), ...impactLines(impact)].join('\n')}\n`,
      );
    });
}

function withOptions(command: Command): Command {
  return command
    .argument('<address>')
    .option('--depth <count>', 'at most so many edges away')
    .option('--column <name>', 'only what has to do with this column')
    .option('--json', 'print it as JSON');
}

function directionsOf({ upstream, downstream }: LineageOptions): readonly Lineage['direction'][] {
  if (upstream === downstream) return ['upstream', 'downstream'];
  return [upstream ? 'upstream' : 'downstream'];
}

function queryOf(address: string, { depth, column, json }: LineageOptions): URLSearchParams {
  return new URLSearchParams({
    address,
    ...(depth !== undefined && { depth }),
    ...(column !== undefined && { column }),
    ...(json && { columns: 'true' }),
  });
}
