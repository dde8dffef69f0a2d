import { sql, type RawBuilder } from 'kysely';
import { inPages, type Pace } from './batches.ts';
import { cutoffTable, longest, type Cutoff } from './cutoffs.ts';
import type { Db } from '../database.ts';
import type { Removed } from './removed.ts';

type Kind = 'watermark_changes' | 'notices';

/** `isOld` is about a row `r` whose pipeline keeps runs since `kept`. */
interface Records {
  readonly table: 'watermark_change' | 'notice';
  readonly isOld: RawBuilder<boolean>;
}

const RECORDS: Readonly<Record<Kind, Records>> = {
  // The last move stays, and so does what an open run must still find: that somebody set it meanwhile.
  watermark_changes: {
    table: 'watermark_change',
    isOld: sql`r.changed_at < kept
      and exists (select from watermark_change later
        where later.pipeline_id = r.pipeline_id and later.id > r.id and later.moved)
      and not exists (select from pipeline_execution e where e.pipeline_id = r.pipeline_id
        and e.state in ('queued', 'running') and e.requested_at <= r.changed_at)`,
  },
  // What is not over stays, and so does what somebody is still to be told of.
  notices: {
    table: 'notice',
    isOld: sql`r.recovered_at < kept and not exists (
      select from notice_delivery d where d.notice_id = r.id and d.state = 'pending')`,
  },
};

/**
 * Removes changes of watermarks, and notices that are over, that are older than their pipeline keeps runs. What
 * is about no pipeline goes when it is older than any pipeline keeps its own.
 */
export async function removeOldRecords(
  db: Db,
  cutoffs: readonly Cutoff[],
  pace: Pace,
  removed: Removed,
): Promise<void> {
  for (const kind of ['watermark_changes', 'notices'] as const) {
    await inPages(db, pace, async (tx, after, size) => {
      const { last_id, seen, gone } = await removePage(tx, RECORDS[kind], cutoffs, after, size);
      removed[kind] += gone;
      return { last_id, last: seen < size };
    });
  }
}

/** How many of them a clean-up would remove now. */
export async function countOldRecords(
  db: Db,
  kind: Kind,
  cutoffs: readonly Cutoff[],
): Promise<number> {
  const { table, isOld } = RECORDS[kind];
  const { rows } = await sql<{ count: number }>`
    select count(*) from ${sql.table(table)} r ${keptSince(cutoffs)} where ${isOld}`.execute(db);
  return rows[0]?.count ?? 0;
}

interface Page {
  readonly last_id: number | null;
  readonly seen: number;
  readonly gone: number;
}

async function removePage(
  tx: Db,
  { table, isOld }: Records,
  cutoffs: readonly Cutoff[],
  after: number,
  size: number,
): Promise<Page> {
  const { rows } = await sql<Page>`
    with page as materialized (
      select * from ${sql.table(table)} where id > ${after} order by id limit ${size}
    ), gone as (
      delete from ${sql.table(table)} where id in (
        select r.id from page r ${keptSince(cutoffs)} where ${isOld})
      returning id
    )
    select max(id) as last_id, count(*) as seen, (select count(*) from gone) as gone
    from page`.execute(tx);
  return rows[0] ?? { last_id: null, seen: 0, gone: 0 };
}

function keptSince(cutoffs: readonly Cutoff[]): RawBuilder<unknown> {
  return sql`
    left join ${cutoffTable(cutoffs)} on k.pipeline_id = r.pipeline_id
    cross join lateral (select case when r.pipeline_id is null
      then ${longest(cutoffs)?.toISOString() ?? null}::timestamptz else k.runs end as kept) since`;
}
