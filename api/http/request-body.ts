import express, { type Request, type RequestHandler } from 'express';
import { Fault } from '../../runtime/fault.ts';
import type { Json } from '../../runtime/json.ts';
import { storageProblem } from './storable-json.ts';

const MAX_BYTES = 1024 * 1024;
const JSON_TYPES = ['application/json', 'application/*+json'];

/** Reads a JSON body of at most 1 MiB; no body at all is an empty object. */
export const jsonBody: RequestHandler[] = [
  (request, _response, next) => {
    if (Number(request.headers['content-length'] ?? 0) > MAX_BYTES) {
      throw new Fault('request.too_large', 'The body is larger than 1 MiB');
    }
    const hasBody = request.headers['content-length'] !== '0';
    // `is` answers null when nothing is said of a body.
    if (hasBody && request.is(JSON_TYPES) === false) {
      throw new Fault('request.unsupported', 'Send the body as application/json');
    }
    next();
  },
  express.json({ limit: MAX_BYTES, strict: false, type: JSON_TYPES }),
  (request: Request<unknown, unknown, Json | undefined>, _response, next) => {
    if (request.body === undefined) request.body = {};
    const problem = storageProblem(request.body);
    if (problem !== null) throw new Fault('request.invalid', `body: ${problem}`);
    next();
  },
];

/** Nothing is called by a name with U+0000, which Postgres takes in no text. */
export const refuseNul: RequestHandler = (request, _response, next) => {
  if (request.path.includes('%00')) {
    throw new Fault('request.invalid', 'path: must not hold U+0000');
  }
  next();
};

/** A browser must not start runs for pages of other sites. */
export const refuseForeignPages: RequestHandler = (request, _response, next) => {
  const { origin, host } = request.headers;
  if (origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)) {
    next();
    return;
  }
  throw new Fault('request.refused', `Pages of ${origin} may not use this API`);
};
