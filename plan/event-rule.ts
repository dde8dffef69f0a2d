import { durationMs } from '../pipeline/duration.ts';
import type { EventTrigger } from '../pipeline/event-trigger.ts';
import { sourceOf, type EventRule, type WatchedPlace } from '../triggers/event-rule.ts';

/** Unless the file says it: debounce waits at most so many times its quiet time. */
const MOST_WAITS = 10;

export function eventRuleOf(definition: EventTrigger): EventRule {
  const { type, source, filter, dedup, key, debounce, max_wait, batch } = definition;
  const place = typeof source === 'object' ? placeOf(source) : undefined;
  const name = typeof source === 'object' ? undefined : source;
  const quietMs = debounce === undefined ? undefined : durationMs(debounce);
  return {
    ...(type !== undefined && { type }),
    ...(name !== undefined && { source: name }),
    ...(place && { source: sourceOf(place), watch: place }),
    ...(filter !== undefined && { filter }),
    ...(dedup !== undefined && { dedup }),
    ...(key !== undefined && { key }),
    ...(quietMs !== undefined && {
      debounce: {
        quietMs,
        maxWaitMs: max_wait === undefined ? MOST_WAITS * quietMs : durationMs(max_wait),
      },
    }),
    ...(batch && { batch: { max: batch.max, windowMs: durationMs(batch.window) } }),
  };
}

function placeOf(source: Exclude<EventTrigger['source'], string | undefined>): WatchedPlace {
  if ('folder' in source) return { type: 'folder', ...source };
  if ('channel' in source) return { type: 'channel', ...source };
  const { every, ...bucket } = source;
  return { type: 'bucket', ...bucket, everyMs: durationMs(every) };
}
