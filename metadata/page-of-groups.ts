/** A part of a list whose items come in groups, one after the other. */
export interface GroupPage<Key> {
  /** The groups that the page has items of. */
  readonly keys: readonly Key[];
  /** How many items of the first of them come before the page. */
  readonly skip: number;
}

export interface GroupCount<Key> {
  readonly key: Key;
  readonly count: number;
}

/** Finds the groups to read for a page, so that the others need not be read. */
export function pageOfGroups<Key>(
  groups: readonly GroupCount<Key>[],
  offset: number,
  limit: number,
): GroupPage<Key> {
  const keys: Key[] = [];
  let skip = 0;
  let before = 0;
  for (const { key, count } of groups) {
    const isInPage = before < offset + limit && before + count > offset;
    if (isInPage && keys.length === 0) skip = offset - before;
    if (isInPage) keys.push(key);
    before += count;
  }
  return { keys, skip: Math.max(0, skip) };
}
