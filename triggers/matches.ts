import type { EventRule } from './event-rule.ts';

/** Whether an event is of the type and of the source that a trigger waits for. */
export function isOfRule(
  { type, source }: Pick<EventRule, 'type' | 'source'>,
  event: { readonly type: string; readonly source: string },
): boolean {
  return hasType(type, event.type) && (source === undefined || source === event.source);
}

/** `shop.*` is everything that begins with `shop.`, and not `shop` itself. */
function hasType(wanted: string | undefined, type: string): boolean {
  if (wanted === undefined || wanted === type) return true;
  return (
    wanted.endsWith('.*') && type.startsWith(wanted.slice(0, -1)) && type.length >= wanted.length
  );
}
