import { durationMs } from '../pipeline/duration.ts';
import type { ScheduleTrigger } from '../pipeline/schedule-trigger.ts';
import { calendarsOf, skippedBy } from '../pipeline/schedule-calendars.ts';
import type { TriggerDefinition, Triggers } from '../pipeline/triggers.ts';
import { Fault } from '../runtime/fault.ts';
import type { JsonObject } from '../runtime/json.ts';
import type { Every, Schedule } from '../triggers/schedule.ts';
import { apiRuleOf } from './api-rule.ts';
import { eventRuleOf } from './event-rule.ts';
import type { PlannedTrigger } from './plan.ts';

/** What makes a pipeline run by itself, in the order of its file. */
export function plannedTriggers(triggers: Triggers = {}): PlannedTrigger[] {
  return Object.entries(triggers).map(([name, trigger]) => ({
    name,
    ...kindOf(name, trigger),
    ...(trigger.description !== undefined && { description: trigger.description }),
    ...(trigger.priority !== undefined && { priority: trigger.priority }),
    ...(trigger.params && { params: trigger.params }),
  }));
}

function kindOf(name: string, { schedule, api, event }: TriggerDefinition) {
  if (schedule) return { kind: 'schedule' as const, schedule: scheduleOf(schedule) };
  if (api) return { kind: 'api' as const, api: withoutGaps(apiRuleOf(api)) };
  if (event) return { kind: 'event' as const, event: withoutGaps(eventRuleOf(event)) };
  throw new Fault('pipeline.invalid', `Trigger ${name} has no schedule, api or event`);
}

/** As JSON keeps it: without keys that nobody wrote. */
function withoutGaps(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}

function scheduleOf(definition: ScheduleTrigger): Schedule {
  const { timezone, start, end, jitter, catchup, overlap, pause_after_failures } = definition;
  return {
    calendars: calendarsOf(definition),
    intervals: intervalsOf(definition.interval),
    skip: skippedBy(definition),
    timezone,
    ...(start !== undefined && { start }),
    ...(end !== undefined && { end }),
    jitterMs: jitter === undefined ? 0 : durationMs(jitter),
    catchup,
    catchupWindowMs: durationMs(definition.catchup_window),
    overlap: overlap ?? (catchup === 'all' ? 'buffer_all' : 'skip'),
    ...(pause_after_failures !== undefined && { pauseAfterFailures: pause_after_failures }),
  };
}

function intervalsOf(interval: ScheduleTrigger['interval']): Every[] {
  if (interval === undefined) return [];
  const { every, offset = undefined } =
    typeof interval === 'string' ? { every: interval } : interval;
  return [{ everyMs: durationMs(every), offsetMs: offset === undefined ? 0 : durationMs(offset) }];
}
