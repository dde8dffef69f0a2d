import { sql } from 'kysely';
import type { Db } from '../database.ts';
import { announceTurns } from './limit-channel.ts';

/** Makes a project's pools what its file says; those it says no more stay while something holds their slots. */
export async function declarePools(
  db: Db,
  project: string,
  pools: Readonly<Record<string, { readonly slots: number }>>,
): Promise<void> {
  const names = Object.keys(pools);
  const slots = Object.values(pools).map((pool) => pool.slots);
  await db.transaction().execute(async (tx) => {
    const { rows } = await sql`
      with declared as (
        insert into pool as p (name, project, slots)
        select name, ${project}, slots from unnest(${names}::text[], ${slots}::int[]) as d(name, slots)
        on conflict (name) do update
          set project = excluded.project, slots = excluded.slots, removed_at = null
          where (p.project, p.slots) <> (excluded.project, excluded.slots) or p.removed_at is not null
        returning name
      ), removed as (
        update pool set removed_at = clock_timestamp()
        where project = ${project} and name <> all(${names}::text[]) and removed_at is null
        returning name
      )
      select name from declared union all select name from removed`.execute(tx);
    if (rows.length > 0) await announceTurns(tx);
  });
}

/** A pool, its slots, and who holds and wants them: the holders first, then those who wait in their order. */
export interface PoolState {
  readonly name: string;
  readonly slots: number;
  readonly used: number;
  readonly leases: readonly LeaseState[];
}

export interface LeaseState {
  readonly run: number;
  readonly pipeline: string;
  readonly block: string;
  readonly attempt: number;
  readonly slots: number;
  readonly priority: number;
  readonly holder: string | null;
  readonly asked_at: Date;
  /** Null: it waits. */
  readonly granted_at: Date | null;
  readonly expires_at: Date | null;
}

/** Every pool that a file declares, or of which something still holds slots. */
export async function listPools(db: Db): Promise<PoolState[]> {
  const [{ rows: pools }, { rows: leases }] = await Promise.all([
    sql<{ name: string; slots: number; removed: boolean }>`
      select name, slots, removed_at is not null as removed from pool order by name`.execute(db),
    sql<LeaseState & { readonly pool: string }>`
      select l.pool, l.execution_id as run, p.name as pipeline, l.block, l.attempt, l.slots, l.priority,
        l.holder, l.asked_at, l.granted_at, l.expires_at
      from pool_lease l
      join pipeline_execution e on e.id = l.execution_id and e.state = 'running'
      join pipeline p on p.id = e.pipeline_id
      where l.granted_at is null or l.expires_at > clock_timestamp()
      order by l.granted_at is null, l.priority, l.asked_at,
        l.execution_id, l.block`.execute(db),
  ]);
  return pools.flatMap(({ name, slots, removed }) => {
    const own = leases.flatMap(({ pool, ...lease }) => (pool === name ? [lease] : []));
    if (removed && own.length === 0) return [];
    const used = own.reduce((sum, { granted_at, slots: its }) => sum + (granted_at ? its : 0), 0);
    return [{ name, slots, used, leases: own }];
  });
}
