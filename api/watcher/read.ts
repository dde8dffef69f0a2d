import type { IncomingMessage } from 'node:http';
import type { Request } from 'express';
import * as z from 'zod';
import { Fault } from '../../runtime/fault.ts';
import { isRecord } from '../../runtime/json.ts';
import { storageProblem } from '../http/storable-json.ts';
import { readJson } from './body.ts';
import { MISSING, toFieldErrors, type FieldError, type Place } from './field-error.ts';
import { INT4 } from './fields.ts';
import { laxInteger } from './lax.ts';
import { normalise } from './normalise.ts';

/** Reads a body as FastAPI does; whatever is wrong with it is a 422 that lists each field. */
export async function readBody<Schema extends z.ZodType>(
  schema: Schema,
  request: IncomingMessage,
): Promise<z.output<Schema>> {
  const body = await readJson(request);
  if (body === null) throw invalid([{ ...MISSING, loc: ['body'], input: null }]);
  const problem = storageProblem(body);
  if (problem !== null) throw refuse(`The body ${problem}`, null);
  return check(schema, isRecord(body) ? normalise(body) : body, 'body');
}

/** Reads the query; a parameter that comes twice counts as it was said last. */
export function readQuery<Schema extends z.ZodType>(
  schema: Schema,
  request: Request,
): z.output<Schema> {
  const query = Object.fromEntries(new URLSearchParams(request.url.split('?')[1]));
  const problem = storageProblem(query);
  if (problem !== null) throw refuse(`The query ${problem}`, null, 'query');
  return check(schema, query, 'query');
}

/** The id in a path; text that is no integer is a 422, an id that no record can have a 404 with this message. */
export function readId(request: Request, name: string, notFound: string, last = INT4): number {
  const parsed = z.int('integer').safeParse(laxInteger(request.params[name]));
  const id = parsed.data ?? 0;
  const issues = parsed.error?.issues.filter(({ code }) => code === 'invalid_type') ?? [];
  if (issues.length > 0) {
    const named = issues.map((issue) => ({ ...issue, path: [name] }));
    throw invalid(toFieldErrors(named, request.params, 'path'));
  }
  if (id < 1 || id > last) throw new Fault('record.not_found', notFound);
  return id;
}

/** The record, or a 404 with this message. */
export function found<Record>(record: Record | undefined, notFound: string): Record {
  if (record === undefined) throw new Fault('record.not_found', notFound);
  return record;
}

/** A 422 that blames the whole of what was sent. */
export function refuse(message: string, input: unknown, place: Place = 'body'): Fault {
  const [loc, msg] = [[place], `Value error, ${message}`];
  return invalid([{ type: 'value_error', loc, msg, input, ctx: { error: {} } }]);
}

function check<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  place: Place,
): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw invalid(toFieldErrors(parsed.error.issues, input, place));
}

function invalid(errors: readonly FieldError[]): Fault {
  const message = errors.map(({ loc, msg }) => `${loc.map(String).join('.')}: ${msg}`).join('; ');
  return new Fault('fields.invalid', message, { errors });
}
