import type { Json } from '../../runtime/json.ts';

const DEEPEST = 64;

/** Why Postgres or JavaScript can't keep this value as it is; null when they can. */
export function storageProblem(value: Json): string | null {
  const waiting: { readonly value: Json; readonly depth: number }[] = [{ value, depth: 0 }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { value, depth } = next;
    if (typeof value === 'string' && !isStorable(value)) return UNSTORABLE;
    if (typeof value !== 'object' || value === null) continue;
    if (depth === DEEPEST) return `is nested deeper than ${DEEPEST} levels`;
    for (const [key, inner] of Object.entries(value)) {
      if (key === '__proto__') return 'has a key "__proto__"';
      if (!isStorable(key)) return UNSTORABLE;
      waiting.push({ value: inner, depth: depth + 1 });
    }
  }
  return null;
}

/** Text without U+0000 and without half of a surrogate pair. */
function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

const UNSTORABLE = 'holds U+0000 or half of a surrogate pair';
