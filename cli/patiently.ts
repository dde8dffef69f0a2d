import { setTimeout as delay } from 'node:timers/promises';
import { Fault } from '../runtime/fault.ts';

const RETRY_MS = 1_000;
/** A stack that restarts is back within this. */
const PATIENCE_MS = 60_000;

/** Asks again while the API is away or can't answer, as one that is started anew. */
export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const maybeBack = error instanceof Fault && error.status === 503;
      if (!maybeBack || Date.now() > until) throw error;
      await delay(RETRY_MS);
    }
  }
}
