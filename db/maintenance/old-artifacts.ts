import { sql } from 'kysely';
import { inBatches, type Pace } from './batches.ts';
import { cutoffTable, latest, SETTLED_RUN, type Cutoff } from './cutoffs.ts';
import type { Db } from '../database.ts';
import type { Removed } from './removed.ts';

/**
 * Gives up artifacts that are older than their pipeline keeps them, except those of a run that goes on. With the
 * last one of a run goes whatever else there is of it, such as a file whose row was lost with its worker.
 * Their files are left for `removeFiles`.
 */
export async function removeOldArtifacts(
  db: Db,
  cutoffs: readonly Cutoff[],
  pace: Pace,
  removed: Removed,
): Promise<void> {
  const newest = latest(cutoffs, 'artifacts');
  if (newest === undefined) return;
  let after: Place = { time: '-infinity', uri: '' };
  await inBatches(db, pace, async (tx, size) => {
    const { gone, last } = await removePage(tx, cutoffs, { after, newest, size });
    removed.artifacts += gone;
    if (last) after = last;
    return { last: last === null };
  });
}

/** Where the next page begins; the time is text because a Date has no microseconds. */
interface Place {
  readonly time: string;
  readonly uri: string;
}

interface PageChoice {
  readonly after: Place;
  readonly newest: Date;
  readonly size: number;
}

async function removePage(
  tx: Db,
  cutoffs: readonly Cutoff[],
  { after, newest, size }: PageChoice,
): Promise<{ gone: number; last: Place | null }> {
  const { rows } = await sql<{ gone: number; last: Place | null }>`
    with page as materialized (
      select uri, execution_id, created_at from artifact
      where (created_at, uri) > (${after.time}::timestamptz, ${after.uri}) and created_at < ${newest}
      order by created_at, uri limit ${size}
    ), gone as (
      delete from artifact a using page
      join pipeline_execution e on e.id = page.execution_id
      join ${cutoffTable(cutoffs)} on k.pipeline_id = e.pipeline_id
      where a.uri = page.uri and page.created_at < k.artifacts and ${SETTLED_RUN}
      returning a.execution_id, a.uri
    ), whole as (
      select execution_id from (select distinct execution_id from gone) g
      where not exists (select from artifact a
        where a.execution_id = g.execution_id and a.uri not in (select uri from gone))
    ), asked as (
      insert into artifact_removal (execution_id, uri)
      select execution_id, null from whole
      union all
      select execution_id, uri from gone where execution_id not in (select execution_id from whole)
    )
    select (select count(*) from gone) as gone, (
      select jsonb_build_object('time', created_at::text, 'uri', uri) from page
      order by created_at desc, uri desc limit 1) as last`.execute(tx);
  return rows[0] ?? { gone: 0, last: null };
}
