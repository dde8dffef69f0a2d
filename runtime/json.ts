export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** JSON text with sorted keys: equal values give equal text, so it can be hashed. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => (isRecord(inner) ? sorted(inner) : inner));
}

/** An escape sequence of JSON text; what it stands for may be a backslash. */
const ESCAPE = /\\(?:u[0-9a-f]{4}|.)/g;

/** JSON text that a Postgres `jsonb` takes: no U+0000, no half of a surrogate pair. */
export function postgresJson(value: unknown): string {
  const text = JSON.stringify(value);
  return text.includes('\\u') ? text.replace(ESCAPE, storable) : text;
}

/** `JSON.stringify` writes a surrogate as an escape only where its other half is missing. */
function storable(escape: string): string {
  if (escape === '\\u0000') return '\u2400';
  return escape.startsWith('\\ud') ? '\ufffd' : escape;
}

/** An object that is no list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sorted(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
