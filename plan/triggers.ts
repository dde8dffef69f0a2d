import { scheduleOf } from '../pipeline/schedule-of.ts';
import type { TriggerDefinition, Triggers } from '../pipeline/triggers.ts';
import { Fault } from '../runtime/fault.ts';
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
  if (api) return { kind: 'api' as const, api: apiRuleOf(api) };
  if (event) return { kind: 'event' as const, event: eventRuleOf(event) };
  throw new Fault('pipeline.invalid', `Trigger ${name} has no schedule, api or event`);
}
