import type { JsonObject } from '../runtime/json.ts';
import { evaluate } from './expression.ts';

/** What an interval's run may be told of it; times are ISO 8601. */
export interface IntervalTimes {
  readonly start: string;
  readonly end: string;
}

/**
 * The params of a backfill for one of its intervals: their `${{ run.interval_start }}` and the like are what
 * that run will have. Throws `expression.invalid`.
 */
export function paramsOfInterval(
  params: JsonObject,
  pipeline: string,
  interval: IntervalTimes,
): JsonObject {
  const [interval_start, interval_end] = [inFull(interval.start), inFull(interval.end)];
  const run = { pipeline, scheduled_at: interval_end, interval_start, interval_end };
  return evaluate(params, { params: {}, run, watermark: null, blocks: {} });
}

function inFull(time: string): string {
  return new Date(time).toISOString();
}
