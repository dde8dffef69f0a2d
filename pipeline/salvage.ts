import type * as z from 'zod';

export type Issue = z.core.$ZodIssue;

/**
 * Parses what can be parsed: the parts that the issues blame are left out, and the rest is tried again,
 * so that checks can go on and every error is found at once. `loose` is the same schema, which does
 * not insist on keys that checks can do without.
 */
export function salvage<T, L>(
  schema: z.ZodType<T>,
  loose: z.ZodType<L>,
  raw: unknown,
): { value: T | L | undefined; issues: readonly Issue[] } {
  const first = schema.safeParse(raw);
  if (first.success) return { value: first.data, issues: [] };

  const rest = structuredClone(raw);
  leaveOut(rest, first.error.issues);
  for (;;) {
    const next = loose.safeParse(rest);
    if (next.success) return { value: next.data, issues: first.error.issues };
    if (!leaveOut(rest, next.error.issues)) return { value: undefined, issues: first.error.issues };
  }
}

/** Says whether there was anything to leave out. */
function leaveOut(root: unknown, issues: readonly Issue[]): boolean {
  const blamed = issues.flatMap((issue) => blamedBy(root, issue)); // all of them, before any is gone
  for (const { container, key } of blamed) Reflect.deleteProperty(container, key);
  return blamed.length > 0;
}

interface Blamed {
  readonly container: object;
  readonly key: PropertyKey;
}

/** The value itself, or what should hold it when it is missing. */
function blamedBy(root: unknown, issue: Issue): Blamed[] {
  const held: Blamed[] = [];
  let node = root;
  for (const key of issue.path) {
    if (!isContainer(node) || !Object.hasOwn(node, key)) break;
    held.push({ container: node, key });
    node = node[key];
  }
  if (issue.code === 'unrecognized_keys') {
    const container = node;
    return isContainer(container) ? issue.keys.map((key) => ({ container, key })) : [];
  }
  return held.slice(-1);
}

function isContainer(node: unknown): node is Record<PropertyKey, unknown> {
  return typeof node === 'object' && node !== null;
}
