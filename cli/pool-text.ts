import pc from 'picocolors';
import type { Pool } from '../api/contract/pool.ts';
import { inColumns } from './columns.ts';

type Lease = Pool['holders'][number];

/** Each pool with those who hold its slots, and those who wait in their order. */
export function drawPools(pools: readonly Pool[]): string[] {
  if (pools.length === 0) return ['No pools: declare them in highwater.yaml'];
  return pools.flatMap((pool) => [
    `${pc.bold(pool.name)}  ${pool.used} of ${pool.slots} slots in use`,
    ...inColumns([...pool.holders, ...pool.waiting].map(toCells)),
  ]);
}

function toCells({ place, pipeline, run, block, slots, priority, worker }: Lease): string[] {
  return [
    `  ${place === null ? 'holds' : `place ${place}`}`,
    `${pipeline} run ${run} ${block}`,
    slots === 1 ? '' : `${slots} slots`,
    priority === 3 ? '' : `priority ${priority}`,
    pc.dim(worker ?? ''),
  ];
}
