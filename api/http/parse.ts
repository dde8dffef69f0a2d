import * as z from 'zod';
import { saidIn } from '../../pipeline/says.ts';
import { Fault } from '../../runtime/fault.ts';

/** Reads what a caller sent. Elsewhere a failed parse is our bug, not theirs. */
export function parse<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  place: 'body' | 'query',
): z.infer<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map((issue) => toError(issue, place));
  const detail = errors.map(({ field, message }) => `${field}: ${message}`).join('; ');
  throw new Fault('request.invalid', detail, { errors });
}

/** The number in a path such as `/runs/12`; any other text names no run. */
export function parseRunId(text: string | undefined): number {
  if (text !== undefined && /^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new Fault('run.not_found', `No run ${text ?? ''}: a run's id is a whole number`);
}

/** The number in a path such as `/notices/12`; any other text names none. */
export function parseId(
  text: string | undefined,
  noun: 'event' | 'notice' | 'mute' | 'backfill',
): number {
  if (text !== undefined && /^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new Fault(`${noun}.not_found`, `No ${noun} ${text ?? ''}: its id is a whole number`);
}

function toError(issue: z.core.$ZodIssue, place: string) {
  const field = [place, ...issue.path].map(String).join('.');
  if (issue.code !== 'unrecognized_keys') return { field, message: saidIn(issue.message).message };
  const names = issue.keys.map((key) => `"${key}"`).join(', ');
  return { field, message: `nothing is called ${names} here` };
}
