import type { ServerResponse } from 'node:http';
import { follow } from '../../runtime/abort.ts';

/** Aborts when the caller hangs up before it has the whole answer, or when the process is about to end. */
export function untilGone(response: ServerResponse, stopping: AbortSignal): AbortSignal {
  const gone = new AbortController();
  const letGo = follow(stopping, gone);
  response.once('close', () => {
    letGo();
    if (!response.writableFinished) gone.abort();
  });
  return gone.signal;
}
