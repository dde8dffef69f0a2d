import type { Json } from '../../runtime/json.ts';

/** What a check saw: a value that counts as yes, or why it is not so yet. */
export type Seen = { readonly value: Json } | { readonly notYet: string };

/** As people say it: false, nothing, 0 and an empty text or list are no. */
export function seenAs(value: Json | undefined): Seen {
  if (value === undefined) return { notYet: 'it answered nothing' };
  const isEmpty = Array.isArray(value) && value.length === 0;
  if (value && !isEmpty) return { value };
  return { notYet: `it answered ${JSON.stringify(value)}` };
}
