import type { Db } from '../../db/database.ts';
import { findLimitReasons, listPoolReasons, type BlockReason } from '../../db/limits/reasons.ts';
import { listRunningBlocks, type AttemptRecord } from '../../db/runs/run-blocks.ts';
import type { RunRecord } from '../../db/runs/runs.ts';
import type { Reason } from '../../metadata/limits/admission.ts';

/** Most runs begin sooner. */
const SOON_MS = 3_000;

/** Runs that have not begun tell what they wait for as of now; asks nothing where none does. */
export async function withReasons(
  db: Db,
  runs: readonly RunRecord[],
): Promise<readonly RunRecord[]> {
  const waiting = runs.filter(
    ({ state, reason }) => state === 'queued' && reason?.code === 'limit',
  );
  const reasons = await findLimitReasons(db, idsOf(waiting));
  return runs.map((run) => ({ ...run, reason: reasons.get(run.id) ?? run.reason ?? untaken(run) }));
}

/** The same, and what those wait for that run while no block of theirs works. */
export async function withInnerReasons(
  db: Db,
  runs: readonly RunRecord[],
): Promise<readonly RunRecord[]> {
  const running = idsOf(runs.filter(({ state }) => state === 'running'));
  const [told, pools, blocks] = await Promise.all([
    withReasons(db, runs),
    listPoolReasons(db, running),
    listRunningBlocks(db, running),
  ]);
  return told.map((run) => {
    return { ...run, reason: reasonInside(run, blocks.filter(isOf(run)), pools.filter(isOf(run))) };
  });
}

/**
 * A run's own reason, or else for what it waits while it runs and no block of it works: `load waits for 1 slot of
 * warehouse (…), place 2`, `arrived: no file matches in/*.csv; 2 more wait`.
 */
export function reasonInside(
  { state, reason: own }: RunRecord,
  attempts: readonly Pick<AttemptRecord, 'block' | 'state' | 'checks' | 'reason'>[],
  pools: readonly Pick<BlockReason, 'block' | 'reason'>[],
): Reason | null {
  if (state !== 'running' || own !== null) return own;
  const running = attempts.filter((attempt) => attempt.state === 'running');
  if (running.some(({ checks }) => checks === null)) return null;
  const waits = [...running, ...pools].flatMap(({ block, reason }) =>
    reason ? [{ block, reason }] : [],
  );
  const [first] = waits;
  if (!first) return null;
  const { block, reason } = first;
  const more =
    waits.length > 1 ? `; ${waits.length - 1} more wait${waits.length === 2 ? 's' : ''}` : '';
  return {
    ...reason,
    message: `${block}${reason.code === 'pool' ? '' : ':'} ${reason.message}${more}`,
  };
}

/** Nobody goes before it, and yet it has not begun. */
function untaken({ state, requested_at, dispatched_at }: RunRecord): Reason | null {
  if (state !== 'queued' || Date.now() - requested_at.getTime() < SOON_MS) return null;
  return dispatched_at
    ? { code: 'worker', message: 'waits for a worker to take it' }
    : { code: 'temporal', message: 'waits for Temporal to take it' };
}

function isOf(run: RunRecord) {
  return (its: { readonly run: number }) => its.run === run.id;
}

function idsOf(runs: readonly RunRecord[]): number[] {
  return runs.map(({ id }) => id);
}
