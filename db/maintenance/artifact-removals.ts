import { sql } from 'kysely';
import type { Db } from '../database.ts';

const AT_ONCE = 50;

/** A file of an artifact, or whatever there is of a run (`uri` null), that nobody needs any more. */
export interface ArtifactRemoval {
  readonly execution_id: number;
  readonly uri: string | null;
}

/**
 * Gives each file that rows gave up to `remove`, and forgets it when that has succeeded. A file may be given
 * twice, when a process ends between the two. Answers how many there were.
 */
export async function removeFiles(
  db: Db,
  remove: (removal: ArtifactRemoval) => Promise<void>,
  signal?: AbortSignal,
): Promise<number> {
  let count = 0;
  for (;;) {
    signal?.throwIfAborted();
    const taken = await db.transaction().execute(async (tx) => {
      const { rows } = await sql<ArtifactRemoval>`
        delete from artifact_removal where id in (
          select id from artifact_removal order by id limit ${AT_ONCE} for update skip locked)
        returning execution_id, uri`.execute(tx);
      for (const removal of rows) await remove(removal);
      return rows.length;
    });
    count += taken;
    if (taken < AT_ONCE) return count;
  }
}
