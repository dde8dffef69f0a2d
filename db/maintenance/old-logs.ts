import { sql } from 'kysely';
import { inPages, type Pace } from './batches.ts';
import { cutoffTable, latest, type Cutoff } from './cutoffs.ts';
import type { Db } from '../database.ts';
import type { Removed } from './removed.ts';

/** Removes log lines that are older than their pipeline keeps them: page by page in the order of their ids. */
export async function removeOldLogs(
  db: Db,
  cutoffs: readonly Cutoff[],
  pace: Pace,
  removed: Removed,
): Promise<void> {
  const newest = latest(cutoffs, 'logs');
  if (newest === undefined) return;
  await inPages(db, pace, async (tx, after, size) => {
    const { last_id, first_time, gone } = await removePage(tx, cutoffs, after, size);
    removed.log_lines += gone;
    return { last_id, last: first_time === null || first_time > newest };
  });
}

interface Page {
  readonly last_id: number | null;
  readonly first_time: Date | null;
  readonly gone: number;
}

async function removePage(
  tx: Db,
  cutoffs: readonly Cutoff[],
  after: number,
  size: number,
): Promise<Page> {
  const { rows } = await sql<Page>`
    with page as materialized (
      select id, execution_id, logged_at from log_line where id > ${after} order by id limit ${size}
    ), gone as (
      delete from log_line l using page
      join pipeline_execution e on e.id = page.execution_id
      join ${cutoffTable(cutoffs)} on k.pipeline_id = e.pipeline_id
      where l.id = page.id and page.logged_at < k.logs
      returning l.id
    )
    select max(id) as last_id, min(logged_at) as first_time, (select count(*) from gone) as gone
    from page`.execute(tx);
  return rows[0] ?? { last_id: null, first_time: null, gone: 0 };
}
