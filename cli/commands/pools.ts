import { Command } from 'commander';
import { PoolList } from '../../api/contract/pool.ts';
import type { Connect } from '../api-client.ts';
import { drawPools } from '../pool-text.ts';

const HELP = `
Pools are declared in highwater.yaml (pools: { warehouse: { slots: 4 } }); a block that says
"pool: warehouse" holds a slot during each of its attempts.
--json prints what GET /api/pools answers: PoolList in /openapi.json.

Example:
  $ highwater pools
  warehouse  2 of 2 slots in use
    holds     orders run 12 load
    place 1   orders run 13 load`;

export function poolsCommand(connect: Connect): Command {
  return new Command('pools')
    .description('list pools: free slots, who holds the others, and who waits at which place')
    .option('--json', 'print them as JSON')
    .addHelpText('after', HELP)
    .action(async ({ json }: { json?: true }) => {
      const client = await connect();
      const answer = await client.get('/api/pools', PoolList);
      const text = json ? JSON.stringify(answer, null, 2) : drawPools(answer.pools).join('\n');
      process.stdout.write(`${text}\n`);
    });
}
