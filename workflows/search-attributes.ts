import {
  defineSearchAttributeKey,
  type SearchAttributePair,
  type TypedSearchAttributes,
} from '@temporalio/common';
import type { Hash } from '../plan/plan.ts';

const PIPELINE = defineSearchAttributeKey('HighwaterPipeline', 'KEYWORD');
const PLAN = defineSearchAttributeKey('HighwaterPlan', 'KEYWORD');
const TRIGGER = defineSearchAttributeKey('HighwaterTrigger', 'KEYWORD');

/** Temporal's own: when the schedule that started a run fired, without its jitter. */
export const FIRE_TIME = defineSearchAttributeKey('TemporalScheduledStartTime', 'DATETIME');

/** Every search attribute that Highwater needs on a Temporal namespace; all are keywords. */
export const SEARCH_ATTRIBUTES = [PIPELINE, PLAN, TRIGGER];

/** What a run can be found by in Temporal: its pipeline, the hash of its plan, what started it. */
export function searchAttributes(
  pipeline: string,
  plan: Hash,
  trigger: string,
): SearchAttributePair[] {
  return [
    { key: PIPELINE, value: pipeline },
    { key: PLAN, value: plan },
    { key: TRIGGER, value: trigger },
  ];
}

/** Whether a run was started with its search attributes; `temporal workflow start` leaves them out. */
export function isFound(attributes: TypedSearchAttributes): boolean {
  return attributes.get(PIPELINE) !== undefined;
}
