import { sql } from 'kysely';
import type { JsonObject } from '../../runtime/json.ts';
import type { Db } from '../database.ts';
import { announceTurns } from './limit-channel.ts';

/**
 * Makes a project's pools what its file says, on record as somebody's; those it says no more stay while something holds
 * their slots.
 */
export async function declarePools(
  db: Db,
  project: string,
  pools: Readonly<Record<string, { readonly slots: number }>>,
  actor: string,
): Promise<void> {
  const names = Object.keys(pools);
  const slots = Object.values(pools).map((pool) => pool.slots);
  await db.transaction().execute(async (tx) => {
    const { rows } = await sql`
      with before as (
        select name, slots from pool where project = ${project} and removed_at is null
      ), declared as (
        insert into pool as p (name, project, slots)
        select name, ${project}, slots from unnest(${names}::text[], ${slots}::int[]) as d(name, slots)
        on conflict (project, name) do update set slots = excluded.slots, removed_at = null
          where p.slots <> excluded.slots or p.removed_at is not null
        returning name, slots
      ), removed as (
        update pool set removed_at = clock_timestamp()
        where project = ${project} and name <> all(${names}::text[]) and removed_at is null
        returning name
      ), told as (
        select d.name, case when b.name is null then 'created' else 'changed' end as action,
          jsonb_strip_nulls(jsonb_build_object('slots', d.slots, 'before', b.slots)) as details
        from declared d left join before b using (name)
        union all select name, 'removed', '{}' from removed
      )
      insert into pool_change (project, pool, action, actor, details)
      select ${project}, name, action, ${actor}, details from told order by name
      returning id`.execute(tx);
    if (rows.length > 0) await announceTurns(tx);
  });
}

/** Something that was done to a pool; `details` has its `slots`, and what they were `before`. */
export interface PoolChange {
  readonly id: number;
  readonly project: string;
  readonly pool: string;
  readonly action: string;
  readonly actor: string;
  readonly details: JsonObject;
  readonly changed_at: Date;
}

/** The newest changes of all pools, the newest first. */
export async function listPoolChanges(db: Db, most: number): Promise<PoolChange[]> {
  const { rows } = await sql<PoolChange>`
    select id, project, pool, action, actor, details, changed_at from pool_change
    order by id desc limit ${most}`.execute(db);
  return rows;
}

/** A pool, its slots, and who holds and wants them: the holders first, then those who wait in their order. */
export interface PoolState {
  readonly name: string;
  readonly project: string;
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
    sql<{ id: number; name: string; project: string; slots: number; removed: boolean }>`
      select id, name, project, slots, removed_at is not null as removed
      from pool order by name, project`.execute(db),
    sql<LeaseState & { readonly pool: number }>`
      select l.pool_id as pool, l.execution_id as run, p.name as pipeline, l.block, l.attempt, l.slots, l.priority,
        l.holder, l.asked_at, l.granted_at, l.expires_at
      from pool_lease l
      join pipeline_execution e on e.id = l.execution_id and e.state = 'running'
      join pipeline p on p.id = e.pipeline_id
      where l.granted_at is null or l.expires_at > clock_timestamp()
      order by l.granted_at is null, l.priority, l.asked_at,
        l.execution_id, l.block`.execute(db),
  ]);
  return pools.flatMap(({ id, removed, ...declared }) => {
    const own = leases.flatMap(({ pool, ...lease }) => (pool === id ? [lease] : []));
    if (removed && own.length === 0) return [];
    const used = own.reduce((sum, { granted_at, slots: its }) => sum + (granted_at ? its : 0), 0);
    return [{ ...declared, used, leases: own }];
  });
}
