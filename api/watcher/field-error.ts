import type * as z from 'zod';
import { explain, type Explained } from './explain.ts';

/** One entry of FastAPI's 422. */
export interface FieldError extends Explained {
  readonly loc: readonly PropertyKey[];
  readonly input: unknown;
}

export type Place = 'body' | 'path' | 'query';

export const MISSING: Explained = { type: 'missing', msg: 'Field required' };

/**
 * What Pydantic would have said. A rule about the record as a whole speaks only when every field is
 * good, and the first one only.
 */
export function toFieldErrors(
  issues: readonly z.core.$ZodIssue[],
  input: unknown,
  place: Place,
): FieldError[] {
  const ofFields = issues.filter(({ code, path }) => code !== 'custom' || path.length > 0);
  const told = ofFields.length > 0 ? ofFields : issues.slice(0, 1);
  return told.map((issue) => toFieldError(issue, input, place));
}

function toFieldError(issue: z.core.$ZodIssue, root: unknown, place: Place): FieldError {
  const loc = [place, ...issue.path];
  const input = valueAt(root, issue.path);
  if (input !== undefined) return { ...explain(issue, input), loc, input };
  const around = valueAt(root, issue.path.slice(0, -1)) ?? null;
  return { ...MISSING, loc, input: around };
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key],
    root,
  );
}
