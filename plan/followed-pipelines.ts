import { parseExpression } from '../pipeline/expression.ts';
import type { EventRule } from '../triggers/event-rule.ts';

/** The source of events about runs of a pipeline, before its name. */
const RUNS_OF = 'highwater/pipelines/';
/** Types of events that nobody but Highwater sends. */
const OWN_TYPES = 'highwater.';

/** The pipelines that an event trigger names, by its source or in its filter: no other ones make it begin. */
export function followedPipelines({ type, source, filter }: EventRule): readonly string[] {
  if (source !== undefined) return pipelinesOf([source]);
  if (filter === undefined || !type?.startsWith(OWN_TYPES)) return [];
  const { expression } = parseExpression(filter, 'event');
  const named = expression?.textsFor(['event', 'data', 'pipeline']);
  return named ?? pipelinesOf(expression?.textsFor(['event', 'source']) ?? []);
}

function pipelinesOf(sources: readonly string[]): string[] {
  return sources.flatMap((source) =>
    source.startsWith(RUNS_OF) ? [source.slice(RUNS_OF.length)] : [],
  );
}
