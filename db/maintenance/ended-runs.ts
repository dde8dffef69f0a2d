import { sql } from 'kysely';
import type { Db } from '../database.ts';

/** A run that ended before it had succeeded, and what of it is on record. */
export interface EndedRun {
  readonly id: number;
  /** Uris. */
  readonly artifacts: readonly string[];
}

const AT_ONCE = 200;

/** A run may be closed while a worker that does not know of it yet is still at work. */
const SETTLED = sql`interval '1 hour'`;

/**
 * The runs of ours that ended without success since the last clean-up that came to its end, and an hour ago or
 * earlier: in pages, by id.
 */
export async function* listEndedRuns(db: Db): AsyncGenerator<readonly EndedRun[]> {
  const { rows } = await sql<{ since: string }>`
    select coalesce(max(started_at) - ${SETTLED}, '-infinity')::text as since from clean_up
    where finished_at is not null and not dry_run`.execute(db);
  const since = rows[0]?.since ?? '-infinity';
  for (let after = 0, last = false; !last;) {
    const page = await sql<EndedRun>`
      select e.id, array(select uri from artifact a where a.execution_id = e.id) as artifacts
      from pipeline_execution e
      where e.state in ('failed', 'cancelled', 'timed_out', 'terminated') and e.id > ${after}
        and e.trigger_kind <> 'reported'
        and e.end_date >= ${since}::timestamptz and e.end_date < now() - ${SETTLED}
      order by e.id limit ${AT_ONCE}`.execute(db);
    yield page.rows;
    after = page.rows.at(-1)?.id ?? after;
    last = page.rows.length < AT_ONCE;
  }
}
