import express, { type RequestHandler } from 'express';
import { Fault } from '../../runtime/fault.ts';
import type { Json } from '../../runtime/json.ts';
import { placed } from './problem.ts';
import { storageProblem } from './storable-json.ts';

const MAX_BYTES = 1024 * 1024;

/** Reads a body of at most 1 MiB as it came, whatever its type: no body at all has no bytes. */
export const rawBody: RequestHandler[] = [
  (request, _response, next) => {
    if (Number(request.headers['content-length'] ?? 0) > MAX_BYTES) {
      throw new Fault('request.too_large', 'The body is larger than 1 MiB');
    }
    next();
  },
  express.raw({ limit: MAX_BYTES, type: () => true }),
  (request, _response, next) => {
    if (!Buffer.isBuffer(request.body)) request.body = Buffer.alloc(0);
    next();
  },
];

/** The JSON of a body. Fails with `request.invalid` when it is none, or can't be stored. */
export function parseJson(body: Buffer): Json {
  const text = decode(body);
  const value = parseText(text);
  const problem = storageProblem(value);
  if (problem !== null) throw new Fault('request.invalid', `body: ${problem}`);
  return value;
}

/** The text of a body in UTF-8. Fails with `request.invalid` when it is none. */
export function decode(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch (error) {
    throw new Fault('request.invalid', 'The body is not UTF-8', { cause: error });
  }
}

function parseText(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    const reason = error instanceof Error ? placed(error.message, text) : String(error);
    throw new Fault('request.invalid', `The body is not JSON: ${reason}`, { cause: error });
  }
}
