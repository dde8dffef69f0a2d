import { durationText } from '../../pipeline/duration.ts';
import { within } from '../../runtime/abort.ts';
import { Fault } from '../../runtime/fault.ts';
import type { Seen } from './seen.ts';

/** Bounds one look at the outside world: no answer in time is no answer yet. */
export async function lookWithin(
  timeoutMs: number,
  cancelled: AbortSignal,
  ask: (signal: AbortSignal) => Promise<Seen>,
): Promise<Seen> {
  let looking: AbortSignal | undefined;
  try {
    return await within(timeoutMs, cancelled, (signal) => ask((looking = signal)));
  } catch (error) {
    if (cancelled.aborted || !looking?.aborted) throw error;
    return noAnswer(timeoutMs);
  }
}

/** The same for code and SQL, whose time begins when there is a host for it, and is measured there. */
export async function lookWithinHost(timeoutMs: number, ask: () => Promise<Seen>): Promise<Seen> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Fault && error.code === 'block.timed_out') return noAnswer(timeoutMs);
    throw error;
  }
}

function noAnswer(timeoutMs: number): Seen {
  return { notYet: `there was no answer within ${durationText(timeoutMs)}` };
}
