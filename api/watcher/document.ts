import type { RouteConfig } from '@asteasolutions/zod-to-openapi';
import * as z from 'zod';

const FieldProblem = z
  .object({
    loc: z.array(z.union([z.string(), z.int()])),
    msg: z.string(),
    type: z.string(),
  })
  .meta({ id: 'ValidationError' });

const FieldProblems = z
  .object({ detail: z.array(FieldProblem) })
  .meta({ id: 'HTTPValidationError' });

const Detail = z.object({ detail: z.string() }).meta({ id: 'Detail' });

/** What a route of Watcher's takes and answers. */
export interface Described {
  readonly method: RouteConfig['method'];
  readonly path: string;
  readonly summary: string;
  readonly body?: z.ZodType;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  /** By status; null is an empty body. */
  readonly answers: Readonly<Record<number, z.ZodType | null>>;
  /** Statuses that come with `{"detail": "…"}`. */
  readonly problems?: readonly number[];
}

/** A route of Watcher's in the words of OpenAPI, with the 422 of whatever can be wrong. */
export function describe(route: Described): RouteConfig {
  const { method, path, summary, body, params, query, answers, problems = [] } = route;
  const checked = body ?? params ?? query;
  return {
    ...{ method, path, summary, tags: ['Watcher'] },
    request: {
      ...(body && { body: { required: true, content: json(body) } }),
      ...(params && { params }),
      ...(query && { query }),
    },
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, schema]) => [
          status,
          { description: 'As asked', ...(schema && { content: json(schema) }) },
        ]),
      ),
      ...Object.fromEntries([...problems, 503].map((status) => [status, PROBLEM])),
      ...(checked && { 422: { description: 'Validation Error', content: json(FieldProblems) } }),
    },
  };
}

const PROBLEM = { description: 'Refused', content: json(Detail) };

function json(schema: z.ZodType) {
  return { 'application/json': { schema } };
}
