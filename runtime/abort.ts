import { setMaxListeners } from 'node:events';

/*
 * `AbortSignal.any` would do for all of this, but a signal that lives as long as its process keeps something of every
 * signal that was ever made of it (https://github.com/nodejs/node/issues/64476).
 */

/** Aborts `own` with `outer`, until the function that this answers is called. */
export function follow(outer: AbortSignal, own: AbortController): () => void {
  const abort = () => {
    own.abort(outer.reason);
  };
  setMaxListeners(0, outer); // one for each request under way, where Node suspects a leak from eleven on
  if (outer.aborted) abort();
  else outer.addEventListener('abort', abort, { once: true });
  return () => {
    outer.removeEventListener('abort', abort);
  };
}

/** Does work that is to stop with `outer`, or after `ms` with a `TimeoutError`. */
export async function within<T>(
  ms: number,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const own = new AbortController();
  const letGo = follow(outer, own);
  const timer = setTimeout(() => {
    own.abort(new DOMException(`No answer within ${ms} ms`, 'TimeoutError'));
  }, ms);
  try {
    return await work(own.signal);
  } finally {
    clearTimeout(timer);
    letGo();
  }
}
