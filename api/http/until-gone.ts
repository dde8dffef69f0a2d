import type { Response } from 'express';

/** Aborts when the caller has hung up, or when the process is about to end. */
export function untilGone(response: Response, stopping: AbortSignal): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => {
    gone.abort();
  });
  return AbortSignal.any([gone.signal, stopping]);
}
