import type { Db } from '../../db/database.ts';
import { findLimitReasons } from '../../db/limits/reasons.ts';
import type { RunRecord } from '../../db/runs/runs.ts';

/** Runs that wait for a limit tell their place as it is now; asks nothing where none does. */
export async function withReasons(
  db: Db,
  runs: readonly RunRecord[],
): Promise<readonly RunRecord[]> {
  const waiting = runs.filter(
    ({ state, reason }) => state === 'queued' && reason?.code === 'limit',
  );
  if (waiting.length === 0) return runs;
  const reasons = await findLimitReasons(
    db,
    waiting.map(({ id }) => id),
  );
  return runs.map((run) => ({ ...run, reason: reasons.get(run.id) ?? run.reason }));
}
