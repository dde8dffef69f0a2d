import { Command } from 'commander';
import { PoolChanges, PoolList } from '../../api/contract/pool.ts';
import type { Connect } from '../api-client.ts';
import { drawPoolChanges, drawPools } from '../pool-text.ts';

const HELP = `
Pools are declared in highwater.yaml (pools: { warehouse: { slots: 4 } }); a block that says
"pool: warehouse" holds a slot during each of its attempts.
--json prints {pools, changes}: PoolList and PoolChanges in /openapi.json.

Example:
  $ highwater pools
  warehouse  2 of 2 slots in use (shop)
    holds     orders run 12 load
    place 1   orders run 13 load

  Changes, the newest first:
    2026-11-22 09:30:00  warehouse  changed  ada  4 → 2 slots  shop`;

export function poolsCommand(connect: Connect): Command {
  return new Command('pools')
    .description(
      'list pools: free slots, who holds the others, who waits at which place, and who changed them',
    )
    .option('--json', 'print them as JSON')
    .addHelpText('after', HELP)
    .action(async ({ json }: { json?: true }) => {
      const client = await connect();
      const { pools } = await client.get('/api/pools', PoolList);
      const changes = await client.get('/api/pools/changes', PoolChanges);
      const lines = [...drawPools(pools), ...drawPoolChanges(changes)];
      const text = json ? JSON.stringify({ pools, ...changes }, null, 2) : lines.join('\n');
      process.stdout.write(`${text}\n`);
    });
}
