import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { Fault, messageOf } from '../../runtime/fault.ts';
import type { HostError } from '../protocol.ts';
import { PermanentError } from './sdk.ts';
import { shorten } from './shorten.ts';

const CHARACTERS = 16 * 1024;
const OWN = fileURLToPath(new URL('.', import.meta.url));

/** Puts anything that was thrown into the protocol's words; files in `folder` are named relative to it. */
export function describeError(error: unknown, folder?: string): HostError {
  const { message, stack, ...rest } = describeWhole(error);
  return {
    ...rest,
    message: shorten(message, CHARACTERS),
    ...(stack !== undefined && { stack: shorten(relativeTo(folder, stack), CHARACTERS) }),
  };
}

function relativeTo(folder: string | undefined, stack: string): string {
  return folder === undefined ? stack : stack.replaceAll(`${folder}${sep}`, '');
}

function describeWhole(error: unknown): HostError {
  if (error instanceof Fault) {
    const { code, message, retryable } = error;
    return { code, message, retryable, ...stackOf(error.cause) };
  }
  const permanent = error instanceof PermanentError;
  return {
    code: permanent ? 'block.invalid' : 'block.failed',
    message: titled(error),
    retryable: !permanent,
    ...stackOf(error),
  };
}

function titled(error: unknown): string {
  if (!(error instanceof Error)) return `The block threw ${textOf(error)}`;
  return error.name === 'Error' || error.name === 'PermanentError'
    ? messageOf(error)
    : `${error.name}: ${error.message}`;
}

/** Of whatever was thrown: `String` fails for what has no text. */
function textOf(thrown: unknown): string {
  return typeof thrown === 'string' ? thrown : inspect(thrown, { breakLength: Infinity });
}

/** The user's part of a stack: what is below belongs to Highwater. */
function stackOf(error: unknown): { stack?: string } {
  if (!(error instanceof Error) || error.stack === undefined) return {};
  const lines = error.stack.split('\n');
  const own = lines.findIndex((line) => line.includes(OWN) || line.includes(`node:internal${sep}`));
  return { stack: (own === -1 ? lines : lines.slice(0, own)).join('\n') };
}
