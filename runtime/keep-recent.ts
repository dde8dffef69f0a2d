/** Loads what never changes once for each key, and keeps what was used last. */
export function keepRecent<Key, Value>(
  most: number,
  load: (key: Key) => Promise<Value>,
): (key: Key) => Promise<Value> {
  const kept = new Map<Key, Value>();
  return async (key) => {
    const value = kept.get(key) ?? (await load(key));
    kept.delete(key);
    kept.set(key, value);
    const oldest = kept.keys().next();
    if (kept.size > most && !oldest.done) kept.delete(oldest.value);
    return value;
  };
}
