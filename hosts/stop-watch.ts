import { Fault } from '../runtime/fault.ts';

const SECOND = 1_000;

/** What ends an attempt from outside: its caller, or its time. */
export interface StopWatch {
  /** Set once, when the attempt was stopped: what it then fails with. */
  readonly reason: unknown;
  disarm(): void;
}

export interface StopLimits {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

export function watchForStop({ signal, timeoutMs }: StopLimits, stop: () => void): StopWatch {
  let reason: unknown;
  const stopFor = (why: unknown): void => {
    if (reason !== undefined) return;
    reason = why;
    stop();
  };
  const onAbort = (): void => {
    stopFor(signal?.reason ?? new Error('The block was cancelled'));
  };
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          stopFor(timedOut(timeoutMs));
        }, timeoutMs);

  if (signal?.aborted) queueMicrotask(onAbort);
  else signal?.addEventListener('abort', onAbort, { once: true });

  return {
    get reason() {
      return reason;
    },
    disarm() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    },
  };
}

function timedOut(timeoutMs: number): Fault {
  const limit =
    timeoutMs < SECOND ? `${timeoutMs} ms` : `${Number((timeoutMs / SECOND).toFixed(1))} s`;
  return new Fault('block.timed_out', `The block ran longer than ${limit}: it was ended`);
}
