import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ErrorRequestHandler } from 'express';
import { isAway } from '../../db/away.ts';
import { Fault, messageOf } from '../../runtime/fault.ts';
import type { Logger } from '../../runtime/log.ts';
import { sendJson } from '../http/send-json.ts';
import { CONSTRAINTS } from './constraints.ts';
import { refuse } from './read.ts';

const RETRY_AFTER_S = '2';

/** An error as FastAPI words it. */
interface Detail {
  readonly status: number;
  readonly detail: unknown;
}

export function detailHandler(log: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    answerError(error, request, response, log);
  };
}

/** The only place that turns an error of Watcher's paths into an answer. */
export function answerError(
  error: unknown,
  { method, url }: IncomingMessage,
  response: ServerResponse,
  log: Logger,
): void {
  const answer = toDetail(error);
  if (!answer) log.error({ err: error, method, url }, 'request failed');
  else if (isRefusal(error)) log.warn({ err: error, url }, 'database refused');
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (answer?.status === 503) response.setHeader('Retry-After', RETRY_AFTER_S);
  if (answer?.status === 413) response.setHeader('Connection', 'close');
  if (answer) sendPlainJson(response, answer.status, { detail: answer.detail });
  else response.writeHead(500, { 'content-type': 'text/plain' }).end('Internal Server Error');
}

/** FastAPI names no charset. */
export function sendPlainJson(response: ServerResponse, status: number, body: unknown): void {
  sendJson(response, status, body, 'application/json');
}

/** Undefined: our own fault. */
function toDetail(error: unknown): Detail | undefined {
  if (error instanceof Fault) return fromFault(error);
  if (isAway(error)) return { status: 503, detail: 'The database does not answer; try again' };
  return fromDatabase(error) ?? fromHttp(error);
}

function fromFault(fault: Fault): Detail | undefined {
  const { code, status, errors, message } = fault;
  if (code === 'route.method_not_allowed') return { status, detail: 'Method Not Allowed' };
  if (code === 'watermark.invalid') return fromFault(refuse(message, null));
  if (code === 'fields.invalid') return { status, detail: errors };
  return status === 500 ? undefined : { status, detail: message };
}

interface Refusal {
  readonly code: string;
  readonly constraint?: string;
}

/** By SQLSTATE class: data that no column takes, and what a constraint refuses. */
const REFUSALS: Readonly<Record<string, Detail>> = {
  22: { status: 400, detail: 'A value is out of the range that can be stored' },
  23: { status: 409, detail: 'Conflicts with what is stored' },
};

function fromDatabase(error: unknown): Detail | undefined {
  if (!isRefusal(error)) return undefined;
  const told = CONSTRAINTS[error.constraint ?? ''];
  return told ? { status: told[0], detail: told[1] } : REFUSALS[error.code.slice(0, 2)];
}

function isRefusal(error: unknown): error is Error & Refusal {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string')
    return false;
  return /^2[23][0-9A-Z]{3}$/.test(error.code);
}

/** What Express throws at a path that it can't decode. */
function fromHttp(error: unknown): Detail | undefined {
  if (!(error instanceof Error) || !('status' in error)) return undefined;
  const status = Number(error.status);
  return status >= 400 && status < 500 ? { status, detail: messageOf(error) } : undefined;
}
