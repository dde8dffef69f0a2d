import type { ScheduleSummary } from '@temporalio/client';
import type { TriggerRecord } from '../../db/triggers/triggers.ts';
import { nextFireTime } from '../../triggers/fire-times.ts';
import type { Schedule } from '../../triggers/schedule.ts';
import type { Deployable } from './temporal-schedule.ts';
import type { Differences } from './schedule-looks.ts';

/** A schedule that Temporal should have. */
export interface Wanted {
  readonly scheduleId: string;
  readonly trigger: TriggerRecord;
  readonly schedule: Schedule;
  readonly deployable: Deployable;
  readonly hash: string;
}

/** `drift`: what Temporal has was changed there, and is put right. */
export type StepAction = 'create' | 'update' | 'drift' | 'unchanged' | 'delete';

export interface Step {
  readonly scheduleId: string;
  readonly action: StepAction;
  /** What is different, of a drift. */
  readonly detail: string | null;
  /** Absent: nobody wants it any more. */
  readonly wanted?: Wanted;
  /** Absent: Temporal does not have it. */
  readonly actual?: ScheduleSummary;
}

/**
 * What brings Temporal's schedules to what they should be. A schedule that nobody looked at closely counts as it should
 * be.
 */
export function planDeployment(
  wanted: readonly Wanted[],
  actual: ReadonlyMap<string, ScheduleSummary>,
  differences: Differences,
  now: Date,
): Step[] {
  return [
    ...wanted.map((each) => {
      const listed = actual.get(each.scheduleId);
      return !listed && isFinished(each, now)
        ? { scheduleId: each.scheduleId, action: 'unchanged' as const, detail: null, wanted: each }
        : stepOf(each, listed, differences);
    }),
    ...unwanted(wanted, actual).map((each) => ({
      scheduleId: each.scheduleId,
      action: 'delete' as const,
      detail: null,
      actual: each,
    })),
  ];
}

/** Schedules that Temporal has and nobody wants. */
export function unwanted(
  wanted: readonly Wanted[],
  actual: ReadonlyMap<string, ScheduleSummary>,
): ScheduleSummary[] {
  const ids = new Set(wanted.map(({ scheduleId }) => scheduleId));
  return [...actual.values()].filter(({ scheduleId }) => !ids.has(scheduleId));
}

function stepOf(
  wanted: Wanted,
  actual: ScheduleSummary | undefined,
  differences: Differences,
): Step {
  const { scheduleId, trigger } = wanted;
  const step = (action: StepAction, detail: string | null = null): Step => ({
    ...{ scheduleId, action, detail, wanted },
    ...(actual && { actual }),
  });
  if (trigger.deployedHash === null) return step(actual ? 'update' : 'create');
  if (!isDeployed(wanted)) return step('update');
  const difference = differences.get(scheduleId) ?? null;
  return difference === null ? step('unchanged') : step('drift', difference);
}

/** Temporal forgets schedules that will never fire again. */
export function isFinished({ schedule }: Wanted, now: Date): boolean {
  return nextFireTime(schedule, now) === undefined;
}

/** Temporal was told of it as it should be now. */
export function isDeployed({ trigger, hash }: Wanted): boolean {
  return trigger.deployedHash === hash;
}
