import type { ScheduleSummary } from '@temporalio/client';
import type { TriggerRecord } from '../../db/triggers/triggers.ts';
import { nextFireTime } from '../../triggers/fire-times.ts';
import type { Schedule } from '../../triggers/schedule.ts';
import type { Deployable } from './temporal-schedule.ts';
import { specDifference } from './spec-difference.ts';

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

/** Lists of schedules come a moment late. */
const LAG_MS = 20_000;

/** What brings Temporal's schedules to what they should be. */
export function planDeployment(
  wanted: readonly Wanted[],
  actual: ReadonlyMap<string, ScheduleSummary>,
  now: Date,
): Step[] {
  const ids = new Set(wanted.map(({ scheduleId }) => scheduleId));
  const extra = [...actual.values()].filter(({ scheduleId }) => !ids.has(scheduleId));
  return [
    ...wanted.map((each) => stepOf(each, actual.get(each.scheduleId), now)),
    ...extra.map((each) => ({
      scheduleId: each.scheduleId,
      action: 'delete' as const,
      detail: null,
      actual: each,
    })),
  ];
}

function stepOf(wanted: Wanted, actual: ScheduleSummary | undefined, now: Date): Step {
  const { scheduleId, trigger, deployable, hash } = wanted;
  const step = (action: StepAction, detail: string | null = null): Step => ({
    ...{ scheduleId, action, detail, wanted },
    ...(actual && { actual }),
  });
  const isDeployed = trigger.deployedHash === hash;
  if (!actual) {
    if (isFinished(wanted, now)) return step('unchanged');
    if (isDeployed && isRecent(trigger.deployedAt, now)) return step('unchanged');
    return trigger.deployedHash === null
      ? step('create')
      : step('drift', 'it is no longer in Temporal');
  }
  if (!isDeployed) return step('update');
  if (isRecent(trigger.deployedAt, now)) return step('unchanged');
  const difference = specDifference(deployable, actual);
  return difference === null ? step('unchanged') : step('drift', difference);
}

/** Temporal forgets schedules that will never fire again. */
function isFinished({ schedule }: Wanted, now: Date): boolean {
  return nextFireTime(schedule, now) === undefined;
}

function isRecent(deployedAt: Date | null, now: Date): boolean {
  return deployedAt !== null && now.getTime() - deployedAt.getTime() < LAG_MS;
}
