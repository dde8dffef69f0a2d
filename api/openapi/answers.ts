import type { RouteConfig } from '@asteasolutions/zod-to-openapi';
import type * as z from 'zod';
import { Problem } from '../contract/problem.ts';

/** The answers of a route: what it answers as asked, by status, and the statuses of its problems. */
export function answers(schemas: Record<number, z.ZodType>, ...problems: number[]) {
  const good = Object.entries(schemas).map(([status, schema]) => [
    status,
    { description: 'As asked', content: { 'application/json': { schema } } },
  ]);
  const bad = problems.map((status) => [
    status,
    { description: 'A problem', content: { 'application/problem+json': { schema: Problem } } },
  ]);
  return Object.fromEntries([...good, ...bad]) as RouteConfig['responses'];
}
