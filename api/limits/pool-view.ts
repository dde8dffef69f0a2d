import type { LeaseState, PoolState } from '../../db/limits/pools.ts';
import type { Pool } from '../contract/pool.ts';

export function toPool({ name, slots, used, leases }: PoolState): Pool {
  const holders = leases.filter(({ granted_at }) => granted_at !== null);
  const waiting = leases.filter(({ granted_at }) => granted_at === null);
  return {
    ...{ name, slots, used, free: slots - used },
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
