import type { LeaseState, PoolChange, PoolState } from '../../db/limits/pools.ts';
import type { Pool, PoolChanges } from '../contract/pool.ts';

export function toPool({ name, project, slots, used, leases }: PoolState): Pool {
  const holders = leases.filter(({ granted_at }) => granted_at !== null);
  const waiting = leases.filter(({ granted_at }) => granted_at === null);
  return {
    ...{ name, project, slots, used, free: slots - used },
    holders: holders.map((lease) => toLease(lease, null)),
    waiting: waiting.map((lease, at) => toLease(lease, at + 1)),
  };
}

function toLease({ holder: worker, ...lease }: LeaseState, place: number | null) {
  return {
    ...{ ...lease, worker, place },
    asked_at: lease.asked_at.toISOString(),
    granted_at: lease.granted_at?.toISOString() ?? null,
    expires_at: lease.expires_at?.toISOString() ?? null,
  };
}

export function toPoolChange({
  changed_at,
  ...change
}: PoolChange): PoolChanges['changes'][number] {
  return { ...change, changed_at: changed_at.toISOString() };
}
