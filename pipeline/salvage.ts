import type * as z from 'zod';

export type Issue = z.core.$ZodIssue;

/**
 * Parses what can be parsed: the parts that the issues blame are left out, and the rest is tried again,
 * so that checks can go on and every error is found at once.
 */
export function salvage<T>(
  schema: z.ZodType<T>,
  raw: unknown,
): { value: T | undefined; issues: readonly Issue[] } {
  const first = schema.safeParse(raw);
  if (first.success) return { value: first.data, issues: [] };

  const rest = structuredClone(raw);
  let issues: readonly Issue[] = first.error.issues;
  while (leaveOutAll(rest, issues)) {
    const next = schema.safeParse(rest);
    if (next.success) return { value: next.data, issues: first.error.issues };
    issues = next.error.issues;
  }
  return { value: undefined, issues: first.error.issues };
}

/** Says whether there was anything to leave out. */
function leaveOutAll(root: unknown, issues: readonly Issue[]): boolean {
  const places = new Map(issues.map((issue) => [placeOf(issue), issue]));
  return [...places.values()].map((issue) => leaveOut(root, issue)).some(Boolean);
}

/** Two complaints about one value must not take away what is around it. */
function placeOf(issue: Issue): string {
  const keys = issue.code === 'unrecognized_keys' ? issue.keys : [];
  return JSON.stringify([...issue.path, ...keys]);
}

function leaveOut(root: unknown, issue: Issue): boolean {
  const parents = [root];
  for (const step of issue.path.slice(0, -1)) parents.push(childOf(parents.at(-1), step));
  const last = issue.path.at(-1);

  if (issue.code === 'unrecognized_keys') {
    const container = last === undefined ? root : childOf(parents.at(-1), last);
    return issue.keys.map((key) => remove(container, key)).some(Boolean);
  }
  for (let depth = issue.path.length - 1; depth >= 0; depth--) {
    const step = issue.path[depth];
    if (step !== undefined && remove(parents[depth], step)) return true;
  }
  return false;
}

function childOf(node: unknown, step: PropertyKey): unknown {
  return isContainer(node) && Object.hasOwn(node, step) ? node[step] : undefined;
}

function remove(node: unknown, step: PropertyKey): boolean {
  if (!isContainer(node) || !Object.hasOwn(node, step)) return false;
  return Reflect.deleteProperty(node, step);
}

function isContainer(node: unknown): node is Record<PropertyKey, unknown> {
  return typeof node === 'object' && node !== null;
}
