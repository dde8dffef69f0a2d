import type { Db } from '../db/database.ts';
import { findDefinition } from '../db/triggers/definitions.ts';
import { evaluate } from '../plan/expression.ts';
import { dataIntervalOf } from '../triggers/data-interval.ts';
import type { OpenRun } from '../workflows/activities.ts';

/**
 * Adds to a start by one of Temporal's schedules what its trigger says now: the interval, the params and the
 * priority. Any other start stays as it is.
 */
export async function withSchedule(db: Db, opening: OpenRun): Promise<OpenRun> {
  const { input, pipeline, scheduledAt } = opening;
  const { started } = input;
  if (started?.trigger !== 'schedule' || started.triggerId === undefined) return opening;
  const trigger = await findDefinition(db, started.triggerId);
  if (trigger?.kind !== 'schedule') return opening;

  const at = started.scheduledAt ?? scheduledAt ?? new Date().toISOString();
  const found = dataIntervalOf(trigger.schedule, new Date(at));
  const computed = found && { start: found.start.toISOString(), end: found.end.toISOString() };
  const interval = started.interval ?? computed;
  const times = { interval_start: interval?.start ?? null, interval_end: interval?.end ?? null };
  const run = { pipeline, scheduled_at: at, ...times };
  const scope = { params: {}, run, watermark: null, blocks: {} };
  const params = evaluate(trigger.params ?? {}, scope);
  return {
    ...opening,
    input: {
      ...input,
      params: { ...params, ...input.params },
      started: {
        ...(trigger.priority !== undefined && { priority: trigger.priority }),
        ...started,
        scheduledAt: at,
        ...(interval && { interval }),
      },
    },
  };
}
