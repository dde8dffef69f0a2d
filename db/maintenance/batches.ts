import { setTimeout as rest } from 'node:timers/promises';
import { FIRST_BATCH, nextBatchSize } from '../../metadata/batch-size.ts';
import { isDeadlock } from '../away.ts';
import type { Db } from '../database.ts';

export interface PaceOptions {
  /** No transaction takes more rows. */
  readonly most?: number;
  /** Work ends after the transaction during which this is aborted; what was committed stays so. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each transaction. */
  readonly onBatch?: () => void;
}

/** How a long piece of work on many rows shares the database with everything else. */
export interface Pace extends PaceOptions {
  readonly most: number;
  /** How many rows the next transaction takes. */
  size: number;
}

const MOST = 10_000;

export function startPace({ most = MOST, ...options }: PaceOptions = {}): Pace {
  return { ...options, most, size: Math.min(FIRST_BATCH, most) };
}

/**
 * Works in short transactions until one of them says that it was the last, and rests after each for as
 * long as it took.
 */
export async function inBatches(
  db: Db,
  pace: Pace,
  work: (tx: Db, size: number) => Promise<{ readonly last: boolean }>,
): Promise<void> {
  for (;;) {
    pace.signal?.throwIfAborted();
    const began = performance.now();
    const { last } = await inTransaction(db, (tx) => work(tx, pace.size));
    const tookMs = performance.now() - began;
    pace.onBatch?.();
    if (last) return;
    pace.size = nextBatchSize(pace.size, tookMs, pace.most);
    await rest(tookMs, undefined, { signal: pace.signal });
  }
}

/** What one step in the order of ids came to. */
interface Page {
  /** Null: there was none. */
  readonly last_id: number | null;
  readonly last: boolean;
}

/** The same, where each transaction takes the rows whose ids come after those of the one before. */
export async function inPages(
  db: Db,
  pace: Pace,
  work: (tx: Db, after: number, size: number) => Promise<Page>,
): Promise<void> {
  let after = 0;
  await inBatches(db, pace, async (tx, size) => {
    const page = await work(tx, after, size);
    after = page.last_id ?? after;
    return page;
  });
}

async function inTransaction<Done>(db: Db, work: (tx: Db) => Promise<Done>): Promise<Done> {
  for (;;) {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      if (!isDeadlock(error)) throw error;
    }
  }
}
