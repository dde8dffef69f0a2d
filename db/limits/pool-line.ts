import { sql, type RawBuilder } from 'kysely';

/** So many of those who hold slots are named. */
const NAMED = 3;

/**
 * Common tables: `live`, the leases of pools that count, and `standing`, each of those that hold slots or
 * wait for them, with the slots that others hold (`held`) and those that it and all ahead of it want (`upto`).
 * What a run holds that has ended counts for nothing, and neither does a lease that has run out.
 */
export function poolLine(which: RawBuilder<unknown>) {
  return sql`
  live as materialized (
    select l.execution_id, l.block, l.pool_id, p.name as pool, l.slots, l.priority, l.asked_at, p.slots as total,
      coalesce(l.expires_at > clock_timestamp(), false) as holds
    from pool_lease l
    join pool p on p.id = l.pool_id
    join pipeline_execution e on e.id = l.execution_id and e.state = 'running'
    where ${which} and (l.granted_at is null or l.expires_at > clock_timestamp())
  ), holder as (
    select pool_id, sum(slots)::int as held,
      (array_agg(concat(block, ' of run ', execution_id) order by execution_id, block))[:${sql.lit(NAMED)}] as names
    from live where holds group by pool_id
  ), standing as (
    select live.execution_id, live.block, live.pool, total, slots, slots as upto, 0 as held, 0 as ahead,
      true as holds, '{}'::text[] as names
    from live where holds
    union all
    select live.execution_id, live.block, live.pool, total, slots,
      (sum(slots) over line)::int, coalesce(held, 0), (row_number() over line)::int - 1,
      false, coalesce(names, '{}')
    from live left join holder using (pool_id) where not holds
    window line as (partition by live.pool_id order by priority, asked_at, live.execution_id, live.block)
  )`;
}

/** Its place in the line, as far as a text about it needs it. */
export interface PoolWait {
  readonly pool: string;
  readonly slots: number;
  readonly held: number;
  readonly total: number;
  readonly ahead: number;
  readonly names: readonly string[];
}

/** `waits for 1 slot of warehouse (4 of 4 in use by load of run 12), place 2` */
export function poolWaitText({ pool, slots, held, total, ahead, names }: PoolWait): string {
  const by = names.length === 0 ? '' : ` by ${names.join(', ')}${held > names.length ? ', …' : ''}`;
  const wanted = `${slots} slot${slots === 1 ? '' : 's'} of ${pool}`;
  return `waits for ${wanted} (${held} of ${total} in use${by}), place ${ahead + 1}`;
}
