import pc from 'picocolors';
import type { Pool, PoolChanges } from '../api/contract/pool.ts';
import { inColumns } from './columns.ts';

const CHANGES = 10;

type Lease = Pool['holders'][number];

/** Each pool with those who hold its slots, and those who wait in their order. */
export function drawPools(pools: readonly Pool[]): string[] {
  if (pools.length === 0) return ['No pools: declare them in highwater.yaml'];
  return pools.flatMap((pool) => [
    `${pc.bold(pool.name)}  ${pool.used} of ${pool.slots} slots in use${pc.dim(` (${pool.project})`)}`,
    ...inColumns([...pool.holders, ...pool.waiting].map(toCells)),
  ]);
}

/** Who did what to pools last. */
export function drawPoolChanges({ changes }: PoolChanges): string[] {
  if (changes.length === 0) return [];
  const rows = changes
    .slice(0, CHANGES)
    .map(({ changed_at, pool, project, action, actor, details }) => [
      `  ${new Date(changed_at).toLocaleString('sv-SE')}`,
      pool,
      action,
      actor,
      slotsText(details),
      pc.dim(project),
    ]);
  return ['', 'Changes, the newest first:', ...inColumns(rows)];
}

function slotsText({ slots, before }: Readonly<Record<string, unknown>>): string {
  if (typeof slots !== 'number') return '';
  return typeof before === 'number' ? `${before} → ${slots} slots` : `${slots} slots`;
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
