import { findTriggerId } from '../../db/backfills/trigger-ids.ts';
import type { Db } from '../../db/database.ts';
import type { Plan, PlannedTrigger } from '../../plan/plan.ts';
import { Fault } from '../../runtime/fault.ts';
import type { JsonObject } from '../../runtime/json.ts';
import type { Schedule } from '../../triggers/schedule.ts';
import type { BackfillRequest } from '../contract/backfill.ts';

type ScheduleTrigger = PlannedTrigger & { readonly kind: 'schedule' };

/** What a backfill takes from a schedule of its pipeline. */
export interface ChosenSchedule {
  readonly trigger: string | null;
  readonly triggerId: number | null;
  readonly params: JsonObject;
  /** Undefined: the request says its step itself, and names no schedule. */
  readonly schedule: Schedule | undefined;
}

/**
 * The schedule that a backfill names, or when it says no step the only one of the pipeline. Fails with
 * `trigger.not_found`, or with `backfill.invalid` when nobody can tell which one is meant.
 */
export async function chooseSchedule(
  db: Db,
  pipelineId: number,
  plan: Plan,
  { every, trigger }: BackfillRequest,
): Promise<ChosenSchedule> {
  const schedules = (plan.triggers ?? []).filter((one) => one.kind === 'schedule');
  if (trigger === undefined && every !== undefined) {
    return { trigger: null, triggerId: null, params: {}, schedule: undefined };
  }
  const chosen =
    trigger === undefined ? onlyOne(plan.pipeline, schedules) : named(plan, schedules, trigger);
  return {
    trigger: chosen.name,
    triggerId: (await findTriggerId(db, pipelineId, chosen.name)) ?? null,
    params: chosen.params ?? {},
    schedule: chosen.schedule,
  };
}

function named(plan: Plan, schedules: readonly ScheduleTrigger[], name: string): ScheduleTrigger {
  const found = schedules.find((one) => one.name === name);
  if (found) return found;
  const names = schedules.map((one) => one.name).join(', ');
  const known = names === '' ? 'it has none' : `it has ${names}`;
  throw new Fault('trigger.not_found', `${plan.pipeline} has no schedule ${name}: ${known}`);
}

function onlyOne(pipeline: string, schedules: readonly ScheduleTrigger[]): ScheduleTrigger {
  const [only, ...others] = schedules;
  if (only && others.length === 0) return only;
  const why = only
    ? `${pipeline} has several schedules: say which with trigger, or say every`
    : `${pipeline} has no schedule: say every, such as 1d`;
  throw new Fault('backfill.invalid', `How long is an interval? ${why}`);
}
