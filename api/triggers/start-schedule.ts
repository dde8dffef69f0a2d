import { findRequest } from '../../db/runs/run-requests.ts';
import type { TriggerRecord } from '../../db/triggers/triggers.ts';
import { evaluate } from '../../plan/expression.ts';
import { Fault } from '../../runtime/fault.ts';
import { dataIntervalOf } from '../../triggers/data-interval.ts';
import type { ApiDeps } from '../deps.ts';
import { requestRun, type RequestedRun } from '../runs/request-run.ts';

/** Who asks for it; the same key again answers the same run. */
export interface Asker {
  readonly key: string | undefined;
  readonly actor: string;
}

/**
 * Asks for a run of a schedule's pipeline now, about the last interval that is over, and puts it on record. Fails with
 * `trigger.wrong_kind`, `trigger.paused`, or as `requestRun` does.
 */
export async function startSchedule(
  deps: ApiDeps,
  { id, pipeline, name, definition, paused }: TriggerRecord,
  { key, actor }: Asker,
): Promise<RequestedRun> {
  if (definition.kind !== 'schedule') {
    const message = `Trigger ${name} of ${pipeline} is no schedule: only those are started this way`;
    throw new Fault('trigger.wrong_kind', message);
  }
  if (paused) {
    const message = `Trigger ${name} of ${pipeline} is paused: it starts nothing until it is resumed`;
    throw new Fault('trigger.paused', message);
  }
  const requestKey = key && `trigger:${id}:${key}`;
  // Its params may speak of now, and would be others under the same key.
  const earlier = requestKey && (await findRequest(deps.db, pipeline, requestKey));
  if (earlier) return { id: earlier.id, replayed: true };

  const now = new Date();
  const found = dataIntervalOf(definition.schedule, now);
  const interval = found && { start: found.start.toISOString(), end: found.end.toISOString() };
  const times = { interval_start: interval?.start ?? null, interval_end: interval?.end ?? null };
  const run = { pipeline, scheduled_at: now.toISOString(), ...times };
  const scope = { params: {}, run, watermark: null, blocks: {} };
  const params = evaluate(definition.params ?? {}, scope);
  return requestRun(deps, pipeline, { params }, requestKey, {
    trigger: 'schedule',
    triggerId: id,
    scheduledAt: now.toISOString(),
    startedBy: actor,
    ...(interval && { interval }),
    ...(definition.priority !== undefined && { priority: definition.priority }),
  });
}
