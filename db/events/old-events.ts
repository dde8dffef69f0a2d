import { sql } from 'kysely';
import { inBatches, inPages, type Pace } from '../maintenance/batches.ts';
import { cutoffTable, longest, type Cutoff } from '../maintenance/cutoffs.ts';
import type { Db } from '../database.ts';
import type { Removed } from '../maintenance/removed.ts';

/**
 * Removes events that are older than every pipeline which they matched keeps its runs, and those that matched
 * none once they are older than any pipeline keeps its own. What still waits for its run stays.
 */
export async function removeOldEvents(
  db: Db,
  cutoffs: readonly Cutoff[],
  pace: Pace,
  removed: Removed,
): Promise<void> {
  const oldest = longest(cutoffs);
  if (!oldest) return;
  await inPages(db, pace, async (tx, after, size) => {
    const { last_id, seen, gone } = await removePage(tx, cutoffs, oldest, after, size);
    removed.events += gone;
    return { last_id, last: seen < size };
  });
  await inBatches(db, pace, async (tx, size) => ({ last: (await removeGroups(tx, size)) < size }));
}

/** How many events a clean-up would remove now. */
export async function countOldEvents(db: Db, cutoffs: readonly Cutoff[]): Promise<number> {
  const oldest = longest(cutoffs);
  if (!oldest) return 0;
  const { rows } = await sql<{ count: number }>`
    select count(*) from event v where ${isOld(cutoffs, oldest)}`.execute(db);
  return rows[0]?.count ?? 0;
}

const isOld = (cutoffs: readonly Cutoff[], oldest: Date) => sql`
  (v.matched_at is not null and v.received_at < coalesce((
    select min(coalesce(k.runs, '-infinity'))
    from event_match m join trigger t on t.id = m.trigger_id
    left join ${cutoffTable(cutoffs)} on k.pipeline_id = t.pipeline_id
    where m.event_id = v.id), ${oldest}::timestamptz)
  and not exists (
    select from event_match m join event_group g on g.id = m.group_id
    where m.event_id = v.id and g.state = 'waiting'))`;

interface Page {
  readonly last_id: number | null;
  readonly seen: number;
  readonly gone: number;
}

async function removePage(
  tx: Db,
  cutoffs: readonly Cutoff[],
  oldest: Date,
  after: number,
  size: number,
): Promise<Page> {
  const { rows } = await sql<Page>`
    with page as materialized (select id from event where id > ${after} order by id limit ${size}),
    gone as (
      delete from event v using page where v.id = page.id and ${isOld(cutoffs, oldest)}
      returning v.id
    )
    select max(id) as last_id, count(*) as seen, (select count(*) from gone) as gone from page`.execute(
    tx,
  );
  return rows[0] ?? { last_id: null, seen: 0, gone: 0 };
}

/** Groups of which no event is left. */
async function removeGroups(tx: Db, size: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from event_group where id in (
      select g.id from event_group g
      where g.state <> 'waiting'
        and not exists (select from event_match m where m.group_id = g.id)
      limit ${size} for update of g skip locked)`.execute(tx);
  return Number(numAffectedRows ?? 0n);
}
