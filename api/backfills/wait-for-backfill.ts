import { setTimeout as delay } from 'node:timers/promises';
import { findProgress } from '../../db/backfills/backfills.ts';
import type { Db } from '../../db/database.ts';

const LOOK_FOR_END_MS = 200;
const LOOK_FOR_WORKFLOW_MS = 15;
/** A workflow whose worker is well has looked by then. */
const PATIENCE_MS = 2_000;

/** Waits so many milliseconds for the end of a backfill. */
export async function untilEnded(
  db: Db,
  id: number,
  ms: number,
  signal: AbortSignal,
): Promise<void> {
  await look(LOOK_FOR_END_MS, ms, signal, async () => (await findProgress(db, id)).ended);
}

/** Waits until a backfill's workflow knows of the last change, or for 2 s. */
export async function untilSeen(db: Db, id: number, signal: AbortSignal): Promise<void> {
  await look(LOOK_FOR_WORKFLOW_MS, PATIENCE_MS, signal, async () => {
    const { seen, ended } = await findProgress(db, id);
    return seen || ended;
  });
}

async function look(
  everyMs: number,
  ms: number,
  signal: AbortSignal,
  isSo: () => Promise<boolean>,
): Promise<void> {
  const until = Date.now() + ms;
  while (Date.now() < until && !signal.aborted && !(await isSo())) {
    await delay(everyMs, undefined, { signal }).catch(() => undefined);
  }
}
