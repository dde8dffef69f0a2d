import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { ErrorRequestHandler } from 'express';
import { isAway } from '../../db/away.ts';
import { Fault, messageOf, toFault } from '../../runtime/fault.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Problem } from '../contract/problem.ts';
import { sendJson } from './send-json.ts';

const RETRY_AFTER_S = '2';

interface Asked {
  readonly method: string | undefined;
  readonly path: string;
}

export function problemHandler(log: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    answerProblem(error, request, response, log);
  };
}

/** The only place that turns an error into an HTTP answer (RFC 9457). */
export function answerProblem(
  error: unknown,
  { method, path }: Asked,
  response: ServerResponse,
  log: Logger,
): void {
  const problem = problemOf(error, { method, path }, log);
  const { status } = problem;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
  if (status === 503) response.setHeader('Retry-After', RETRY_AFTER_S);
  if (status === 413) response.setHeader('Connection', 'close');
  sendJson(response, status, problem, 'application/problem+json; charset=utf-8');
}

/** An error as callers are told of it; one that is nobody's fault but ours is logged. */
export function problemOf(error: unknown, { method, path }: Asked, log: Logger): Problem {
  const fault = translate(error);
  const { status } = fault;
  if (status >= 500 && status !== 503) log.error({ err: error, method, path }, 'request failed');
  return toProblem(fault, path);
}

function toProblem(fault: Fault, path: string): Problem {
  const { code, message, status, errors } = fault;
  return {
    type: `urn:highwater:${code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail:
      code === 'internal' ? 'An unexpected error happened; the log of the API has it' : message,
    code,
    instance: path,
    ...(errors.length > 0 && { errors: errors.map((error) => ({ ...error })) }),
  };
}

function translate(error: unknown): Fault {
  if (isAway(error)) {
    const message =
      'The database does not answer. Ask again in a moment; with an Idempotency-Key no run is started twice';
    return new Fault('database.unavailable', message, { cause: error });
  }
  return fromHttp(error) ?? toFault(error);
}

/** What Express and its body parser throw at bad requests. */
function fromHttp(error: unknown): Fault | undefined {
  if (error instanceof Fault || !(error instanceof Error)) return undefined;
  if (!('status' in error) || typeof error.status !== 'number' || error.status >= 500) {
    return undefined;
  }
  const body = 'body' in error && typeof error.body === 'string' ? error.body : undefined;
  if (error.status === 413) {
    return new Fault('request.too_large', 'The body is larger than 1 MiB');
  }
  if (error.status === 415) return new Fault('request.unsupported', messageOf(error));
  if (body === undefined) return new Fault('request.invalid', messageOf(error));
  return new Fault('request.invalid', `The body is not JSON: ${placed(error.message, body)}`);
}

/** JSON.parse counts characters; people count lines. */
export function placed(message: string, text: string): string {
  const place = /(?: in JSON)? at position (\d+)(?: \(line \d+ column \d+\))?/.exec(message);
  if (!place) return `${message} (at its end, after ${text.length} characters)`;
  const before = text.slice(0, Number(place[1]));
  const line = before.split('\n').length;
  const column = before.length - before.lastIndexOf('\n');
  return message.replace(place[0], ` at line ${line}, column ${column}`);
}
