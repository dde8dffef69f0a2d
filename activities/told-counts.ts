import { isRecord, type Json } from '../runtime/json.ts';
import type { Delivered } from '../workflows/activities.ts';

const COUNTS = new Set(['inserts', 'updates', 'soft_deletes']);

/** What an exporter's own code says that it wrote: a value of nothing but counts, such as `{"inserts": 5}`. */
export function countsIn(value: Json | undefined): Delivered | undefined {
  if (!isRecord(value)) return undefined;
  const counts = Object.entries(value);
  const isCount = ([key, count]: [string, unknown]) =>
    COUNTS.has(key) && Number.isSafeInteger(count) && Number(count) >= 0;
  if (counts.length === 0 || !counts.every(isCount)) return undefined;
  return { inserts: 0, updates: 0, soft_deletes: 0, ...(value as Partial<Delivered>) };
}
