import { createHash } from 'node:crypto';
import type { JsonObject } from '../runtime/json.ts';
import { evaluateLimitKey } from './expression.ts';
import type { Plan } from './plan.ts';

/** The limit that one run obeys: together with the other runs of its pipeline that have the same key. */
export interface RunLimit {
  readonly key: string;
  readonly maxRuns: number;
}

/** What an index of Postgres takes with ease. */
const LONGEST_KEY = 200;

/** Null: the pipeline has no limit. Throws `expression.invalid` when the key can't be told from these params. */
export function limitOf({ concurrency }: Plan, params: JsonObject): RunLimit | null {
  if (!concurrency) return null;
  const { key = '', maxRuns } = concurrency;
  return { key: shorten(evaluateLimitKey(key, { params })), maxRuns };
}

function shorten(key: string): string {
  if (key.length <= LONGEST_KEY) return key;
  return `sha256:${createHash('sha256').update(key).digest('hex')}`;
}
