import { createHash } from 'node:crypto';
import { canonicalJson } from '../runtime/json.ts';
import type { BlockSource, Hash } from './plan.ts';

/** Equal values have equal hashes, whatever the order of their keys. */
export function hashOf(value: unknown): Hash {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}

export function blockSource(content: Omit<BlockSource, 'hash'>): BlockSource {
  const { language, entry, files } = content;
  return { hash: hashOf({ language, entry, files }), language, entry, files };
}
