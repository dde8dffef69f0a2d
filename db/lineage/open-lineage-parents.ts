import { sql } from 'kysely';
import type { Db } from '../database.ts';
import { LOCKS } from '../locks.ts';

interface Pair {
  readonly parent: number;
  readonly child: number;
}

/**
 * Puts a run below the one that it names as its parent, and below it those that name it, as soon as both are known:
 * events come in any order. Whoever stored the second of the two sees the first.
 */
export async function nest(db: Db, runId: string): Promise<void> {
  if ((await findApart(db, runId)).length === 0) return;
  await db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${LOCKS.nesting})`.execute(tx);
    for (const pair of await findApart(tx, runId)) await adopt(tx, pair);
  });
}

/** Until the transaction ends, no run gets a parent late: what is above a run that begins stays so. */
export async function holdParents(tx: Db): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(${LOCKS.nesting})`.execute(tx);
}

async function findApart(db: Db, runId: string): Promise<readonly Pair[]> {
  const { rows } = await sql<Pair>`
    select above.execution_id as parent, below.execution_id as child
    from open_lineage_run below
    join open_lineage_run above on above.run_id = below.parent_run_id
    join pipeline_execution e on e.id = below.execution_id and e.parent_id is null
    where below.run_id = ${runId} or below.parent_run_id = ${runId}`.execute(db);
  return rows;
}

/** With all that is below it. A run that is above the other one, or is that one, stays where it is. */
async function adopt(tx: Db, { parent, child }: Pair): Promise<void> {
  await sql`
    with adopted as (
      update pipeline_execution e set parent_id = ${parent}
      where e.id = ${child} and e.parent_id is null and not exists (
        select from pipeline_execution_closure c
        where c.parent_execution_id = ${child} and c.child_execution_id = ${parent})
      returning e.id
    )
    insert into pipeline_execution_closure (parent_execution_id, child_execution_id, depth)
    select above.parent_execution_id, below.child_execution_id, above.depth + below.depth + 1
    from adopted
    join pipeline_execution_closure above on above.child_execution_id = ${parent}
    join pipeline_execution_closure below on below.parent_execution_id = adopted.id`.execute(tx);
}
