const OPAQUE = new Set(['watermark', 'next_watermark']);

/**
 * Lower-cases and trims every string at the top of a record, but never a watermark. Requests and
 * answers of Watcher's models both go through it.
 */
export function normalise<Fields extends object>(record: Fields): Fields {
  const normal: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(record) as [string, unknown][]) {
    normal[key] =
      typeof value === 'string' && !OPAQUE.has(key) ? value.toLowerCase().trim() : value;
  }
  return normal as Fields;
}
