import type { IncomingMessage } from 'node:http';
import { Fault, messageOf } from '../../runtime/fault.ts';
import { isRecord, type Json } from '../../runtime/json.ts';
import { placed } from '../http/problem.ts';
import { readBytes } from '../http/read-bytes.ts';
import { keepExactMarks } from './exact-marks.ts';
import type { FieldError } from './field-error.ts';

const MAX_MIB = 8;
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;
const UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * A request's JSON; null when it has none. A body that says it is something else is its text, as in
 * FastAPI, so that no model takes it.
 */
export async function readJson(request: IncomingMessage): Promise<Json> {
  const text = decode(await readBytes(request, MAX_MIB));
  if (text === '') return null;
  const type = request.headers['content-type'];
  if (type !== undefined && !JSON_TYPE.test(type)) return text;
  const body = parseJson(text);
  return isRecord(body) ? keepExactMarks(body, text) : body;
}

function decode(bytes: Buffer): string {
  try {
    return UTF8.decode(bytes);
  } catch (cause) {
    throw new Fault('request.invalid', 'There was an error parsing the body', { cause });
  }
}

function parseJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    const message = messageOf(error);
    const at = Number(/at position (\d+)/.exec(message)?.[1] ?? text.length);
    const invalid: FieldError = {
      type: 'json_invalid',
      loc: ['body', at],
      msg: 'JSON decode error',
      input: {},
      ctx: { error: placed(message, text) },
    };
    throw new Fault('fields.invalid', 'The body is not JSON', { errors: [invalid] });
  }
}
