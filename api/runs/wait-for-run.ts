import type { Db } from '../../db/database.ts';
import type { RunChannel } from '../../db/runs/run-channel.ts';
import { getRun, type RunRecord } from '../../db/runs/runs.ts';
import { isClosed } from '../../plan/run-state.ts';

export interface WaitDeps {
  readonly db: Db;
  readonly channel: RunChannel;
}

/** The run as soon as it has ended, or as it is after `ms` or when nobody wants to know any more. */
export async function waitForRun(
  { db, channel }: WaitDeps,
  id: number,
  ms: number,
  signal: AbortSignal,
): Promise<RunRecord> {
  const until = Date.now() + ms;
  const subscription = channel.subscribe(id);
  const stop = () => {
    subscription.wake();
  };
  signal.addEventListener('abort', stop);
  try {
    for (;;) {
      const run = await getRun(db, id);
      const left = until - Date.now();
      if (isClosed(run.state) || left <= 0 || signal.aborted) return run;
      await subscription.next(left);
    }
  } finally {
    signal.removeEventListener('abort', stop);
    subscription.close();
  }
}
