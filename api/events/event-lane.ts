import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { ApiDeps } from '../deps.ts';
import { answerProblem } from '../http/problem.ts';
import { readBytes } from '../http/read-bytes.ts';
import { sendJson } from '../http/send-json.ts';
import { takeEvents } from './take-events.ts';

const PATH = '/api/events';
const MAX_MIB = 1;

/**
 * Takes events, which may be many a second, before Express looks for their route. False: it is something else, or
 * needs what only the route knows of.
 */
export function eventLane({ receiveEvents, log }: Pick<ApiDeps, 'receiveEvents' | 'log'>) {
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { headers } = request;
    const sent = { headers, body: await readBytes(request, MAX_MIB) };
    const { status, location, body } = await takeEvents(receiveEvents, sent);
    if (location !== undefined) response.setHeader('Location', location);
    sendJson(response, status, body);
  };
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    const { url, method, headers } = request;
    if (url !== PATH || method !== 'POST' || !isPlain(headers)) return false;
    take(request, response).catch((error: unknown) => {
      answerProblem(error, { method, path: PATH }, response, log);
    });
    return true;
  };
}

/** Neither from a page of another site, nor packed, nor known to be too large. */
function isPlain(headers: IncomingHttpHeaders): boolean {
  const { origin, 'content-encoding': packed, 'content-length': length = '0' } = headers;
  return origin === undefined && packed === undefined && Number(length) <= MAX_MIB * 1024 * 1024;
}
