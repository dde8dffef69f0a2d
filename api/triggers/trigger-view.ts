import type { RecordedChange } from '../../db/triggers/changes.ts';
import type { TriggerRecord } from '../../db/triggers/triggers.ts';
import { dataIntervalOf } from '../../triggers/data-interval.ts';
import { fireTimesAfter, nextFireTime } from '../../triggers/fire-times.ts';
import type { Schedule } from '../../triggers/schedule.ts';
import type { NextFires, Trigger, TriggerChanges } from '../contract/trigger.ts';

export function toTrigger(record: TriggerRecord, now: Date): Trigger {
  const { id, pipeline, name, definition, paused, note, createdAt, updatedAt } = record;
  const { name: _name, kind, description = null, ...rest } = definition;
  const next =
    definition.kind === 'schedule' && !paused ? nextFireTime(definition.schedule, now) : undefined;
  return {
    ...{ id, pipeline, name, kind, description, paused, note },
    definition: rest,
    next: next?.toISOString() ?? null,
    deployed: kind === 'schedule' ? record.deployedHash !== null : null,
    created_at: createdAt.toISOString(),
    updated_at: updatedAt.toISOString(),
  };
}

export function toNextFires(
  schedule: Schedule,
  paused: boolean,
  { after, count }: { readonly after: Date; readonly count: number },
): NextFires {
  return {
    timezone: schedule.timezone,
    paused,
    fires: fireTimesAfter(schedule, after, count).map((at) => {
      const interval = dataIntervalOf(schedule, at);
      return {
        at: at.toISOString(),
        interval_start: interval?.start.toISOString() ?? null,
        interval_end: interval?.end.toISOString() ?? null,
      };
    }),
  };
}

export function toChange({
  changed_at,
  id,
  action,
  actor,
  details,
}: RecordedChange): TriggerChanges['changes'][number] {
  return { id, action, actor, details, changed_at: changed_at.toISOString() };
}
