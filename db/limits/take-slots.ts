import { sql } from 'kysely';
import type { SlotAnswer, SlotRequest } from '../../workflows/activities.ts';
import type { Db } from '../database.ts';
import { announceTurns } from './limit-channel.ts';
import { LOCKS } from '../locks.ts';
import { poolLine, poolWaitText, type PoolWait } from './pool-line.ts';

/** A lease that nobody renews ends after this: its holder was killed, or never began. */
const LEASE_S = 20;

/**
 * Takes slots of a pool for one attempt of a block, or has it wait: by priority, then by age, and nobody
 * overtakes one who needs more slots. A second call finds its slots, or asks again.
 */
export async function takeSlots(db: Db, request: SlotRequest): Promise<SlotAnswer> {
  return db.transaction().execute(async (tx) => {
    const poolId = await lockPool(tx, request);
    if (poolId === undefined)
      return { granted: false, message: `there is no pool ${request.pool.name}` };
    await ask(tx, request, poolId);
    const { rows } = await sql<{ granted: boolean }>`
      with ${poolLine(sql`l.pool_id = ${poolId}`)}
      update pool_lease l
      set granted_at = clock_timestamp(), expires_at = clock_timestamp() + ${LEASE}
      from standing s
      where (l.execution_id, l.block) = (s.execution_id, s.block)
        and (l.execution_id, l.block) = (${request.executionId}, ${request.block})
        and s.held + s.upto <= s.total
      returning true as granted`.execute(tx);
    if (rows.length > 0) return { granted: true };
    // Whoever has just given slots back could not see it wait yet.
    await announceTurns(tx);
    return { granted: false, message: await describe(tx, request, poolId) };
  });
}

const LEASE = sql`make_interval(secs => ${LEASE_S})`;

/** The pool of that name of the run's project, for one at a time to ask for its slots. */
async function lockPool(tx: Db, { executionId, pool }: SlotRequest): Promise<number | undefined> {
  const { rows } = await sql<{ id: number }>`
    select p.id, pg_advisory_xact_lock(${LOCKS.pools}, p.id)
    from pipeline_execution e
    join pipeline l on l.id = e.pipeline_id
    join pool p on p.project = l.project and p.name = ${pool.name}
    where e.id = ${executionId}`.execute(tx);
  return rows[0]?.id;
}

/** The slots of an earlier attempt go over to this one; a lease that has run out waits again, as of now. */
async function ask(
  tx: Db,
  { executionId, block, attempt, pool }: SlotRequest,
  poolId: number,
): Promise<void> {
  await sql`
    insert into pool_lease as l (execution_id, block, attempt, pool_id, slots, priority)
    select e.id, ${block}, ${attempt}, p.id, least(${pool.slots}, p.slots), e.priority
    from pipeline_execution e, pool p
    where e.id = ${executionId} and e.state = 'running' and p.id = ${poolId}
    on conflict (execution_id, block) do update set
      attempt = excluded.attempt, slots = excluded.slots, pool_id = excluded.pool_id, holder = null,
      asked_at = case when l.expires_at < clock_timestamp() then excluded.asked_at else l.asked_at end,
      granted_at = case when l.expires_at >= clock_timestamp() then l.granted_at end,
      expires_at = case when l.expires_at >= clock_timestamp() then l.expires_at end`.execute(tx);
}

async function describe(
  tx: Db,
  { executionId, block }: SlotRequest,
  poolId: number,
): Promise<string> {
  const { rows } = await sql<PoolWait>`
    with ${poolLine(sql`l.pool_id = ${poolId}`)}
    select pool, slots, held, total, ahead, names
    from standing where (execution_id, block) = (${executionId}, ${block})`.execute(tx);
  return rows[0] ? poolWaitText(rows[0]) : `run ${executionId} does not run any more`;
}

export interface LeaseKey {
  readonly executionId: number;
  readonly block: string;
  readonly attempt: number;
}

/** False: the slots are somebody else's by now, or nobody's. */
export async function renewSlots(db: Db, key: LeaseKey, holder: string): Promise<boolean> {
  const { rows } = await sql`
    update pool_lease set expires_at = clock_timestamp() + ${LEASE}, holder = ${holder}
    where ${isLease(key)} and expires_at > clock_timestamp()
    returning true`.execute(db);
  return rows.length > 0;
}

export async function giveSlotsBack(db: Db, key: LeaseKey): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await sql`delete from pool_lease where ${isLease(key)}`.execute(tx);
    await announceTurns(tx);
  });
}

/** Whatever the blocks of a run hold, in the transaction that ends it. */
export async function giveAllSlotsBack(tx: Db, executionId: number): Promise<void> {
  await sql`delete from pool_lease where execution_id = ${executionId}`.execute(tx);
  await announceTurns(tx);
}

function isLease({ executionId, block, attempt }: LeaseKey) {
  return sql`(execution_id, block, attempt) = (${executionId}, ${block}, ${attempt})`;
}
